print("outlast")

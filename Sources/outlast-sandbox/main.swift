print("outlast-sandbox")

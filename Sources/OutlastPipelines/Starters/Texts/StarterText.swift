// The texts that starters write; the files beside this one hold them.

/// Templates of CIs.
enum StarterText {}

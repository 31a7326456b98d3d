name = get_input("paper:filename")
set_global_result("success" if b"ok" in get_input("paper") else "failed")
set_global_feedback("Read " + name)

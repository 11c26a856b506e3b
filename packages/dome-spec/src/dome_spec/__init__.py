"""The spec plane: decides, remembers and plans over recorded facts. Executes nothing itself."""

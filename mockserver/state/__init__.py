"""What the server knows: accounts, projects, materials, results, the time."""

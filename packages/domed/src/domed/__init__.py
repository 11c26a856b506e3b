"""The runtime plane: accepts jobs, runs tools, keeps what happened. Holds no policy and knows no client."""

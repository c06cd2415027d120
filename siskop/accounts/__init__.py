"""Who people are and what they may: accounts, sessions, limits, roles, who acts for which record, the policy."""

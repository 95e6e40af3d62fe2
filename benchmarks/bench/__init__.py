"""What the rows are measured with: brokers, client processes, CPU accounting, statistics and reports."""

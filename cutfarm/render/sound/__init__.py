"""What is heard of a timeline: files read by their clocks, treated, levelled, summed and held below full scale."""

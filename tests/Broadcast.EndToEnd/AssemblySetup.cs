// Each test has its own processes and both cores: side by side they would only measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace StreamLearn.Operators.Tests;

/// <summary>Tests that count allocated bytes run while no other test does: beside others a call now and then counts a few KiB that are not
/// its own, and a round has many calls.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;

namespace Sensor.Tests;

public sealed class RefusedUpdatesTests
{
    [Theory]
    [InlineData(16, 16, 0, "16 as 'schema'")]
    [InlineData(16, 5, 11, "11 as 'no-samples', 5 as 'schema'")]
    [InlineData(16, 0, 16, null)]       // rows of one class: a device says so itself
    [InlineData(17, 16, 0, null)]       // one was accepted
    [InlineData(0, 0, 0, null)]
    public void It_names_the_reasons_unless_one_was_accepted(long answered, long schema, long noSamples, string? expected) => Assert.Equal(
        expected is null ? null
            : $"the aggregator refused all 16 updates that it answered: {expected}; nothing of this run is in the model",
        RefusedUpdates.TextOf(answered,
        [
            new("updates-refused", schema + noSamples), new("updates-refused-schema", schema), new("updates-refused-no-samples", noSamples),
        ]));
}

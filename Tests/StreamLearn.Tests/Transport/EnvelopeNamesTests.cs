namespace StreamLearn.Tests;

/// <summary>Alone: what other tests allocate at the same time would count.</summary>
[CollectionDefinition(nameof(EnvelopeNamesTests), DisableParallelization = true)]
[Collection(nameof(EnvelopeNamesTests))]
public sealed class EnvelopeNamesTests
{
    [Fact]
    public void A_name_that_comes_again_is_the_same_string()
    {
        var names = new EnvelopeNames();
        Assert.True(names.TryOf("pumpe-süd"u8, out var first));
        Assert.True(names.TryOf("pumpe-süd"u8, out var second));
        Assert.Equal("pumpe-süd", first);
        Assert.Same(first, second);
        Assert.Same(first, names.Of("pumpe-süd".AsSpan()));
    }

    [Fact]
    public void Names_without_end_are_read_and_memory_stays()
    {
        var names = new EnvelopeNames();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 100_000; i++)
        {
            Assert.True(names.TryOf(Encoding.UTF8.GetBytes($"device-{i}"), out var name));
            Assert.Equal($"device-{i}", name);
        }
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 1 << 20);
    }

    [Fact]
    public void A_thousand_names_in_turn_allocate_nothing()
    {
        var names = new EnvelopeNames();
        byte[][] devices = [.. Enumerable.Range(0, 1000).Select(i => Encoding.UTF8.GetBytes($"device-{i}"))];
        Assert.Equal(0, Allocations.Least(() => { foreach (var device in devices) { names.TryOf(device, out _); } }));
    }

    [Fact]
    public void What_is_no_text_or_could_forge_a_line_is_refused()
    {
        var names = new EnvelopeNames();
        Assert.False(names.TryOf([0xC0, 0x80], out _));
        Assert.False(names.TryOf("a\r\nb"u8, out _));
        Assert.False(names.TryOf("\u001B[2J"u8, out _));
        Assert.True(names.TryOf([], out var none));
        Assert.Equal("", none);
    }
}

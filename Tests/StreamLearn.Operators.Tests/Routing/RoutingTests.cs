namespace StreamLearn.Operators.Tests;

public sealed class RoutingTests
{
    [Fact]
    public void Map_passes_on_what_the_function_makes()
    {
        using var probe = OperatorProbe.Of<string, string>(f => f.Map("double", s => s + s));
        probe.Send("ab");
        Assert.Equal("abab", probe.Take<string>());
    }

    [Fact]
    public void Map_leaves_the_input_to_its_function()
    {
        using var probe = OperatorProbe.Of<Batch, string>(f => f.Map("rows", b =>
        {
            var text = $"{b.Rows} rows";
            b.Dispose();
            return text;
        }));
        probe.Send(Streams.Numbered(probe.Pool, 3));
        Assert.Equal("3 rows", probe.Take<string>());
    }

    [Fact]
    public void Map_that_throws_leaks_nothing_and_names_its_block()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Map("broken", (Func<Batch, Batch>)(_ => throw new FormatException("no"))));
        var error = Assert.Throws<BlockFailedException>(() => probe.Send(Streams.Numbered(probe.Pool, 3)));
        Assert.Contains("broken", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Map_declares_its_new_columns()
    {
        var columns = Batches.Channels(1);
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Map("other", b => b, columns), Streams.Sensor);
        Assert.Equal(columns, probe.Pipeline.Nodes.First(n => n.Name == "other").Schema);
    }

    [Fact]
    public void Filter_passes_the_same_batch_and_disposes_what_it_refuses()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(f => f.Filter("long", b => b.Rows > 5));
        var kept = Streams.Numbered(probe.Pool, 6);
        probe.Send(kept);
        probe.Send(Streams.Numbered(probe.Pool, 5));
        probe.Send(Streams.Numbered(probe.Pool, 0));
        Assert.Same(kept, probe.Take<Batch>());
        Assert.Equal((0, 2, 5), (probe.Count(), probe.Metrics.Drops["filtered"], probe.Metrics.RowsDropped["filtered"]));
    }

    [Fact]
    public void Scan_emits_the_state_after_each_message_and_disposes_the_message()
    {
        using var probe = OperatorProbe.Of<Batch, string>(f => f.Scan("trace", "", (state, b) => $"{state}{b.Rows};"));
        probe.Send(Streams.Numbered(probe.Pool, 1));
        probe.Send(Streams.Numbered(probe.Pool, 0));
        Assert.Equal(["1;", "1;0;"], probe.TakeAll<string>());
    }

    [Fact]
    public void Scan_refuses_a_state_that_has_an_owner()
    {
        var pool = new BatchPool();
        using var start = Streams.Numbered(pool, 1);
        Assert.Throws<ArgumentException>(() => OperatorProbe.Of<Batch, Batch>(f => f.Scan("newest", start, (_, b) => b)));
    }

    [Fact]
    public void Routing_blocks_are_refused_without_a_function()
    {
        Assert.Throws<ArgumentNullException>(() => OperatorProbe.Of<string, string>(f => f.Map("m", (Func<string, string>)null!)));
        Assert.Throws<ArgumentNullException>(() => OperatorProbe.Of<string, string>(f => f.Filter("f", null!)));
        Assert.Throws<ArgumentNullException>(() => OperatorProbe.Of<string, string>(f => f.Scan("s", "", null!)));
    }

    [Fact]
    public void Routing_blocks_allocate_nothing_of_their_own()
    {
        using var map = OperatorProbe.Of<string, string>(f => f.Map("m", s => s), guard: false);
        using var filter = OperatorProbe.Of<string, string>(f => f.Filter("f", s => s.Length == 1), guard: false);
        using var scan = OperatorProbe.Of<string, string>(f => f.Scan("s", "", (_, s) => s), guard: false);
        var bytes = Streams.AllocatedBy(new(), 1000, i =>
        {
            foreach (var probe in (ReadOnlySpan<OperatorProbe>)[map, filter, scan])
            {
                probe.Send(i % 2 == 0 ? "a" : "bc");
                probe.Clear();
            }
        });

        Assert.InRange(bytes, 0, 256);
    }
}

using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Tests;

/// <summary>A flow has one schema, fixed by its first batch.</summary>
public sealed class EdgeSchemaTests
{
    [Fact]
    public async Task A_batch_of_another_schema_is_dropped_counted_and_acknowledged_and_the_run_goes_on()
    {
        var (transport, seen) = (new ScriptedTransport(), new List<int>());
        foreach (var payload in new[] { "1", "wide 2", "wide 3", "4", "wide 5", "6" }) { transport.Deliver("in", payload); }
        transport.End("in");

        var run = await Blocks.RunAsync(p => p.Subscribe(transport, "in", new TwoWidths()).Block("pass").Collect(seen));

        Assert.Equal([1, 4, 6], seen);
        var pass = run.Metrics["pass"];
        Assert.Equal((3, 3, 9), (pass.ItemsIn, pass.Drops["schema"], pass.RowsDropped["schema"]));
        Assert.Single(pass.Drops);
        Assert.Empty(transport.Violations);
        Assert.Equal(6, transport.Fates.Length);
        Assert.All(transport.Fates, f => Assert.Equal(new(1, 0, 1), f));
    }

    [Fact]
    public async Task Each_branch_drops_its_own_handle_of_a_batch_of_another_schema()
    {
        var (transport, seen) = (new ScriptedTransport(), new List<int>());
        foreach (var payload in new[] { "wide 1", "2", "wide 3" }) { transport.Deliver("in", payload); }
        transport.End("in");

        var run = await Blocks.RunAsync(p =>
        {
            var flow = p.Subscribe(transport, "in", new TwoWidths());
            flow.Block("left").Collect(seen);
            flow.Block("right").Discard();
        });
        Assert.Equal([1, 3], seen);
        Assert.Equal((1, 1), (run.Metrics["left"].Drops["schema"], run.Metrics["right"].Drops["schema"]));
        Assert.All(transport.Fates, f => Assert.Equal(new(1, 0, 1), f));
    }

    /// <summary>A number as one row of one channel, or after <c>wide</c> as three rows of two.</summary>
    private sealed class TwoWidths : ICodec<Batch>
    {
        public string Name => "widths/1";
        public void Encode(Batch value, IBufferWriter<byte> buffer) => NumberCodec.Default.Encode(value, buffer);

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value)
        {
            var text = System.Text.Encoding.UTF8.GetString(bytes.ToArray());
            var number = text[^1] - '0';
            value = text.StartsWith("wide", StringComparison.Ordinal)
                ? Batches.OfChannels(pool, [number, number, number], [0, 0, 0])
                : Blocks.Number(pool, number);
            return true;
        }
    }
}

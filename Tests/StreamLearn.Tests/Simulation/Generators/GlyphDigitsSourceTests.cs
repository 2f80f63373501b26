using StreamLearn.Samples;

namespace StreamLearn.Simulation.Tests;

public sealed class GlyphDigitsSourceTests
{
    private static readonly GlyphDigits Digits = GlyphDigits.Generate(30, seed: 8);

    [Fact]
    public void FromGlyphDigits_plays_the_given_rows_once_in_order()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromGlyphDigits(Digits, [7, 29, 0, 7, 11], new() { BatchRows = 2 }));
        var (sizes, played) = (new List<int>(), new List<int>());
        while (probe.NextAt is not null)
        {
            using var batch = probe.Next();
            Assert.Equal(GlyphDigits.Schema, batch.Schema);
            sizes.Add(batch.Rows);
            for (var row = 0; row < batch.Rows; row++)
            {
                var pixels = Enumerable.Range(0, 784).Select(p => batch[$"p{p}"].Values<float>()[row]).ToArray();
                var index = Enumerable.Range(0, Digits.Count).Single(i => Digits.Row(i).SequenceEqual(pixels));
                Assert.Equal(Digits.Labels[index], batch["label"].Values<int>()[row]);
                played.Add(index);
            }
        }
        Assert.Equal([7, 29, 0, 7, 11], played);
        Assert.Equal([2, 2, 1], sizes);
    }

    [Fact]
    public void FromGlyphDigits_plays_all_at_once_where_nothing_is_said()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromGlyphDigits(Digits));
        Assert.Equal(OperatorProbe.Start, probe.NextAt);
        using var batch = probe.Next();
        Assert.Equal(Digits.Labels, batch["label"].Values<int>().ToArray());
        Assert.Null(probe.NextAt);
    }

    [Fact]
    public void FromGlyphDigits_is_due_when_the_last_digit_of_a_batch_is()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromGlyphDigits(Digits, [1, 2, 3], new() { BatchRows = 2, RowsPerSecond = 4 }));
        Assert.Equal(OperatorProbe.Start + Ms(500), probe.NextAt);
        probe.Next().Dispose();
        Assert.Equal(OperatorProbe.Start + Ms(750), probe.NextAt);
    }

    [Fact]
    public void FromGlyphDigits_without_rows_ends_at_once()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromGlyphDigits(Digits, []));
        Assert.Null(probe.NextAt);
    }

    [Fact]
    public void FromGlyphDigits_refuses_rows_and_options_out_of_range_at_wiring()
    {
        Refused(p => p.FromGlyphDigits(Digits, [30]));
        Refused(p => p.FromGlyphDigits(Digits, [-1]));
        Refused(p => p.FromGlyphDigits(Digits, [0], new() { BatchRows = 0 }));
        Refused(p => p.FromGlyphDigits(Digits, [0], new() { BatchRows = 65537 }));
        Refused(p => p.FromGlyphDigits(Digits, [0], new() { RowsPerSecond = 0 }));
        Refused(p => p.FromGlyphDigits(Digits, [0], new() { RowsPerSecond = double.NaN }));

        static void Refused(Func<PipelineBuilder, Flow<Batch>> wire) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => new SourceProbe<Batch>(wire));
    }

    [Fact]
    public void FromGlyphDigits_runs_in_a_world_as_fast_as_the_device_takes_rows()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var rows = 0;
        var device = world.Add(Pipeline.Define("a", p => p.FromGlyphDigits(Digits, options: new() { BatchRows = 10 })
            .Map<Batch, Num>("work", (batch, context) =>
            {
                context.Charge(1000L * batch.Rows);
                rows += batch.Rows;
                batch.Dispose();
                return null;
            }).Discard()), new() { MultiplyAddsPerSecond = 1_000_000 });
        world.RunToEnd();

        Assert.Equal((30, Ms(30)), (rows, device.EndedAt));
        Assert.Equal(0, world.Pool.RentedBatches);
    }
}

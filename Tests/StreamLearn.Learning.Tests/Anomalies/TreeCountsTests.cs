namespace StreamLearn.Learning.Tests;

/// <summary>Half-space trees of several devices.</summary>
public sealed class TreeCountsTests
{
    private static readonly HalfSpaceTrees Rule = new(Trees: 10, Depth: 6, Seed: 4);

    [Fact]
    public void Counts_of_devices_in_any_order_are_those_of_one_machine_to_the_bit()
    {
        var (rows, ranges) = Rows();
        var (whole, forward, backward) = (new TreeCounts(Rule, ranges), new TreeCounts(Rule, ranges), new TreeCounts(Rule, ranges));
        List<TreeCounts> devices = [.. Enumerable.Range(0, 3).Select(_ => new TreeCounts(Rule, ranges))];
        foreach (var (i, row) in rows.Index())
        {
            whole.Add(row);
            devices[i % 3].Add(row);
        }

        devices.ForEach(d => forward.Merge(OverTheWire(d, ranges)));
        devices.AsEnumerable().Reverse().ToList().ForEach(backward.Merge);
        Assert.Equal(3000, forward.Count);
        Assert.Equal(Bytes(whole), Bytes(forward));
        Assert.Equal(Bytes(whole), Bytes(backward));
        Assert.All(rows, row => Assert.Equal(whole.Score(row), forward.Score(row)));
        Assert.True(forward.Score([40, 40, 40, 40]) > 5 * rows.Max(row => whole.Score(row)));
    }

    [Fact]
    public void Counts_of_other_trees_and_broken_ones_are_refused()
    {
        var (rows, ranges) = Rows();
        var (own, moved) = (new TreeCounts(Rule, ranges), ranges.Copy());
        moved.Add([9, 9, 9, 9]);
        rows.ForEach(row => own.Add(row));

        Assert.Throws<ArgumentException>(() => own.Merge(new(Rule with { Seed = 5 }, ranges)));
        Assert.Throws<ArgumentException>(() => own.Merge(new(Rule, moved)));
        Assert.Throws<ArgumentException>(() => new TreeCounts(Rule, new(4)));
        var bytes = Bytes(own);
        foreach (var at in new[] { 0, 14, bytes.Length - 4 })
        {
            var broken = (byte[])bytes.Clone();
            broken[at]++;
            Assert.Throws<StateException>(() =>
            {
                var s = new StateStream(broken, new());
                new TreeCounts(Rule, ranges).State(ref s);
            });
        }
    }

    private static (List<float[]> Rows, RowMoments Ranges) Rows()
    {
        var (next, ranges, rows) = (NormalStreams.Make("autoregressive", 1), new RowMoments(NormalStreams.Channels), new List<float[]>());
        for (var i = 0; i < 3000; i++)
        {
            rows.Add(new float[NormalStreams.Channels]);
            next(rows[^1]);
            ranges.Add(rows[^1]);
        }
        return (rows, ranges);
    }

    private static byte[] Bytes(TreeCounts counts)
    {
        var buffer = new StateBuffer();
        var s = new StateStream(buffer);
        counts.State(ref s);
        return buffer.Written.ToArray();
    }

    private static TreeCounts OverTheWire(TreeCounts counts, RowMoments ranges)
    {
        var read = new TreeCounts(Rule, ranges);
        var s = new StateStream(Bytes(counts), new());
        read.State(ref s);
        return read;
    }
}

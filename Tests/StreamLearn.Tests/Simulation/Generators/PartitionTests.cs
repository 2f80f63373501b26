using System.Collections.Immutable;

namespace StreamLearn.Simulation.Tests;

public sealed class PartitionTests
{
    private static readonly int[] Labels = [.. Enumerable.Range(0, 1000).Select(j => j * 7 % 10)];
    public static TheoryData<string> Kinds => ["uniform", "by-label", "mixed", "shards", "dirichlet"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_row_goes_to_one_device_and_the_same_one_every_time(string kind)
    {
        foreach (var devices in new[] { 2, 3, 5, 7, 10, 23 })
        {
            var dealt = Deal(kind, devices);
            Assert.Equal(devices, dealt.Length);
            Assert.Equal(Enumerable.Range(0, 1000), dealt.SelectMany(d => d).Order());
            Assert.Equal(dealt.Select(d => string.Join(' ', d)), Deal(kind, devices).Select(d => string.Join(' ', d)));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_rows_and_one_row_are_dealt_too(string kind)
    {
        Assert.All(Deal(kind, 3, []), d => Assert.Empty(d));
        Assert.Equal([0], Deal(kind, 3, [4]).SelectMany(d => d));
    }

    [Fact]
    public void Uniform_deals_in_turn() => Assert.Equal([[0, 3, 6], [1, 4, 7], [2, 5]], Partition.Uniform(8, 3).Select(d => d.ToArray()));

    [Fact]
    public void Replicated_gives_all_to_all() => Assert.Equal([[0, 1, 2], [0, 1, 2]], Partition.Replicated(3, 2).Select(d => d.ToArray()));

    [Fact]
    public void ByLabel_gives_class_c_to_device_c_mod_n()
    {
        var dealt = Partition.ByLabel(Labels, 5);
        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal([i, i + 5], Classes(dealt[i])));
        Assert.Equal([3, 4, 5], Partition.ByLabel([5, 3, 4, 3], 3).Select((d, i) => new[] { 5, 3, 4, 3 }[d[0]]));
    }

    [Fact]
    public void ByLabel_shares_a_class_evenly_where_there_are_more_devices_than_classes()
    {
        var dealt = Partition.ByLabel(Labels, 25);
        Assert.All(Enumerable.Range(0, 25), i => Assert.Equal([i % 10], Classes(dealt[i])));
        Assert.Equal([34, 33, 33], new[] { 0, 10, 20 }.Select(i => dealt[i].Length));
        Assert.Equal([50, 50], new[] { 7, 17 }.Select(i => dealt[i].Length));
    }

    [Fact]
    public void Mixed_deals_the_lower_classes_in_turn_and_the_upper_ones_by_class()
    {
        var dealt = Partition.Mixed(Labels, 5);
        Assert.All(Enumerable.Range(0, 3), i => Assert.All(dealt[i], j => Assert.True(Labels[j] < 5 && j % 3 == i)));
        Assert.Equal([[6, 8], [5, 7, 9]], new[] { 3, 4 }.Select(i => Classes(dealt[i])));
        Assert.All(Partition.Mixed(Labels, 20), d => Assert.InRange(d.Length, 40, 60));
    }

    [Fact]
    public void Shards_are_of_equal_size_and_hold_few_classes()
    {
        var dealt = Partition.Shards(Labels, 10, perDevice: 2, seed: 1);
        Assert.All(dealt, d => Assert.Equal(100, d.Length));
        Assert.All(dealt, d => Assert.InRange(Classes(d).Length, 1, 2));
        Assert.Contains(dealt, d => Classes(d).Length == 2);
        Assert.NotEqual(dealt.Select(d => string.Join(' ', d)), Partition.Shards(Labels, 10, 2, seed: 2).Select(d => string.Join(' ', d)));
    }

    [Fact]
    public void Dirichlet_is_nearly_uniform_for_a_large_alpha_and_nearly_one_device_a_class_for_a_small_one()
    {
        var (even, skewed) = (Partition.Dirichlet(Labels, 5, 1000, seed: 1), Partition.Dirichlet(Labels, 5, 1e-4, seed: 1));
        Assert.All(even, d => Assert.InRange(d.Length, 180, 220));
        Assert.All(even, d => Assert.Equal(10, Classes(d).Length));
        Assert.Equal(10, skewed.Sum(d => Classes(d).Length));
    }

    [Fact]
    public void Dirichlet_shares_have_the_variance_of_their_distribution()
    {
        // one class, two devices: the first one's share is Beta(α, α) with variance 1 / (4 (2α + 1)); 4,000 draws are within 5 %
        foreach (var alpha in new[] { 0.3, 1, 4 })
        {
            var shares = Enumerable.Range(0, 4000)
                .Select(seed => Partition.Dirichlet(new int[200], 2, alpha, seed)[0].Length / 200.0).ToList();
            Assert.InRange(shares.Average(), 0.48, 0.52);
            Assert.InRange(shares.Average(s => Math.Pow(s - 0.5, 2)) * 4 * ((2 * alpha) + 1), 0.93, 1.07);
        }
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Partition.Uniform(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Partition.Uniform(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Partition.Replicated(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Partition.ByLabel(Labels, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Partition.Mixed(Labels, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Partition.Shards(Labels, 1, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Partition.Dirichlet(Labels, 1, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Partition.Dirichlet(Labels, 1, double.NaN, 1));
    }

    private static int[] Classes(ImmutableArray<int> rows) => [.. rows.Select(j => Labels[j]).Distinct().Order()];

    private static ImmutableArray<ImmutableArray<int>> Deal(string kind, int devices, int[]? labels = null)
    {
        labels ??= Labels;
        return kind switch
        {
            "uniform" => Partition.Uniform(labels.Length, devices),
            "by-label" => Partition.ByLabel(labels, devices),
            "mixed" => Partition.Mixed(labels, devices),
            "shards" => Partition.Shards(labels, devices, 2, seed: 5),
            _ => Partition.Dirichlet(labels, devices, 0.5, seed: 5),
        };
    }
}

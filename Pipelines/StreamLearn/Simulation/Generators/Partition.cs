using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>Distributes the rows of a data set to devices, deterministically by seed. Returns the row numbers of each device.</summary>
public static class Partition
{
    /// <summary>Assigns rows round-robin: row j goes to device j mod n. Every device sees all classes.</summary>
    /// <param name="rows">Rows, 0 or more.</param>
    /// <param name="devices">Devices, at least 1.</param>
    public static ImmutableArray<ImmutableArray<int>> Uniform(int rows, int devices)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        var dealt = Empty(devices);
        for (var j = 0; j < rows; j++) { dealt[j % devices].Add(j); }
        return Done(dealt);
    }

    /// <summary>Gives every device all rows.</summary>
    /// <param name="rows">Rows, 0 or more.</param>
    /// <param name="devices">Devices, at least 1.</param>
    public static ImmutableArray<ImmutableArray<int>> Replicated(int rows, int devices)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(devices, 1);
        ImmutableArray<int> all = [.. Enumerable.Range(0, rows)];
        return [.. Enumerable.Repeat(all, devices)];
    }

    /// <summary>Deals each row to device (class − lowest class) mod n. If there are more devices than classes, the device of the class with
    /// the fewest rows gets it.</summary>
    /// <remarks>Source: case 2 of Wang et al. (2019), Adaptive Federated Learning in Resource Constrained Edge Computing Systems.</remarks>
    /// <param name="labels">Each row's class.</param>
    /// <param name="devices">Devices, at least 1.</param>
    public static ImmutableArray<ImmutableArray<int>> ByLabel(ReadOnlySpan<int> labels, int devices)
    {
        var dealt = Empty(devices);
        var (lowest, classes) = Classes(labels);
        var places = Math.Min(devices, classes);
        for (var j = 0; j < labels.Length; j++) { MinLoaded(dealt, (labels[j] - lowest) % places, classes).Add(j); }
        return Done(dealt);
    }

    /// <summary>Deals the lower half of the classes in turn to the first half of the devices. The other devices get the rest by
    /// class.</summary>
    /// <remarks>Source: case 4 of Wang et al. (2019).</remarks>
    /// <param name="labels">Each row's class.</param>
    /// <param name="devices">Devices, at least 2.</param>
    public static ImmutableArray<ImmutableArray<int>> Mixed(ReadOnlySpan<int> labels, int devices)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(devices, 2);
        var dealt = Empty(devices);
        var (lowest, classes) = Classes(labels);
        var places = Math.Max(2, Math.Min(devices, classes));
        var half = (places + 1) / 2;
        for (var j = 0; j < labels.Length; j++)
        {
            var of = labels[j] - lowest;
            MinLoaded(dealt, of < classes / 2 ? j % half : half + (of % (places - half)), Math.Max(2, classes)).Add(j);
        }

        return Done(dealt);
    }

    /// <summary>Cuts rows, sorted by class, into equal shards and deals them at random: few classes per device.</summary>
    /// <remarks>Shuffles each class first. Shard sizes differ by at most one row. Source: McMahan et al. (2017), section 3.</remarks>
    /// <param name="labels">Each row's class.</param>
    /// <param name="devices">Devices, at least 1.</param>
    /// <param name="perDevice">Shards per device, at least 1; the paper uses 2.</param>
    /// <param name="seed">The seed of the shuffles.</param>
    public static ImmutableArray<ImmutableArray<int>> Shards(ReadOnlySpan<int> labels, int devices, int perDevice, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perDevice, 1);
        var dealt = Empty(devices);
        var random = new RandomStream(seed, "shards");
        var sorted = new List<int>(labels.Length);
        foreach (var rows in RowsOfClasses(labels, random)) { sorted.AddRange(rows); }
        var shards = checked(devices * perDevice);
        var order = Enumerable.Range(0, shards).ToList();
        Shuffle(order, random);
        for (var s = 0; s < shards; s++)
        {
            var (from, to) = ((int)((long)sorted.Count * order[s] / shards), (int)((long)sorted.Count * (order[s] + 1) / shards));
            dealt[s / perDevice].AddRange(sorted[from..to]);
        }

        return Done(dealt);
    }

    /// <summary>Deals each class in shares from a Dirichlet distribution: a smaller alpha gives fewer classes per device. A device may get
    /// no rows.</summary>
    /// <remarks>Source: Hsu, Qi, Brown (2019), Measuring the Effects of Non-Identical Data Distribution; gamma variates by Marsaglia, Tsang
    /// (2000).</remarks>
    /// <param name="labels">Each row's class.</param>
    /// <param name="devices">Devices, at least 1.</param>
    /// <param name="alpha">Concentration, above 0: 0.1 skewed, 100 nearly uniform.</param>
    /// <param name="seed">Seed of shares and shuffles.</param>
    public static ImmutableArray<ImmutableArray<int>> Dirichlet(ReadOnlySpan<int> labels, int devices, double alpha, long seed)
    {
        if (!(alpha > 0 && double.IsFinite(alpha)))
        {
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "expected a number of more than 0");
        }

        var dealt = Empty(devices);
        var random = new RandomStream(seed, "dirichlet");
        var shares = new double[devices];
        foreach (var rows in RowsOfClasses(labels, random))
        {
            DirichletShares.Draw(shares, alpha, random);
            var (from, sum) = (0, 0.0);
            for (var i = 0; i < devices; i++)
            {
                sum += shares[i];
                var to = i == devices - 1 ? rows.Count : Math.Clamp((int)Math.Round(sum * rows.Count), from, rows.Count);
                dealt[i].AddRange(rows[from..to]);
                from = to;
            }
        }

        return Done(dealt);
    }

    private static List<int>[] Empty(int devices)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(devices, 1);
        return [.. Enumerable.Range(0, devices).Select(_ => new List<int>())];
    }

    private static ImmutableArray<ImmutableArray<int>> Done(List<int>[] dealt) => [.. dealt.Select(rows => rows.ToImmutableArray())];

    private static (int Lowest, int Count) Classes(ReadOnlySpan<int> labels)
    {
        if (labels.IsEmpty) { return (0, 1); }
        var (lowest, highest) = (int.MaxValue, int.MinValue);
        foreach (var label in labels) { (lowest, highest) = (Math.Min(lowest, label), Math.Max(highest, label)); }
        return (lowest, checked(highest - lowest + 1));
    }

    private static List<int> MinLoaded(List<int>[] dealt, int place, int step)
    {
        var least = dealt[place];
        for (var i = (long)place + step; i < dealt.Length; i += step)
        {
            if (dealt[i].Count < least.Count) { least = dealt[i]; }
        }

        return least;
    }

    private static List<List<int>> RowsOfClasses(ReadOnlySpan<int> labels, RandomStream random)
    {
        var classes = new SortedDictionary<int, List<int>>();
        for (var j = 0; j < labels.Length; j++)
        {
            if (!classes.TryGetValue(labels[j], out var rows)) { classes[labels[j]] = rows = []; }
            rows.Add(j);
        }

        foreach (var rows in classes.Values) { Shuffle(rows, random); }
        return [.. classes.Values];
    }

    private static void Shuffle(List<int> items, RandomStream random)
    {
        for (var i = items.Count - 1; i > 0; i--)
        {
            var j = random.NextInt32(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}

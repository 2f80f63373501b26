namespace Tool.Tests;

/// <summary>What a table asks of a set.</summary>
internal enum SetupKind
{
    /// <summary>A fleet, and one machine, that learn classes.</summary>
    Fleet,

    /// <summary>Bounds on classes or values of unseen devices.</summary>
    Bound,

    /// <summary>A forecast.</summary>
    Forecast,
}

/// <summary>A set, and how it is split. Written down before anything was tuned on it.</summary>
/// <param name="Kind">What is asked of it.</param>
/// <param name="Name">Its name, once per kind.</param>
/// <param name="Write">Writes the rows to a CSV file, sorted by device and time; false: the recordings are not here.</param>
/// <param name="Words">The options of <c>streamlearn fit</c>.</param>
internal sealed record Setup(SetupKind Kind, string Name, Func<string, bool> Write, params string[] Words)
{
    /// <summary>True if nothing is tuned on it, and it is opened for the last table alone.</summary>
    internal bool IsFinal => Setups.Final.Contains($"{Kind} {Name}");

    /// <summary>The devices that judge split number <paramref name="split"/>: a third, by chance, at least one.</summary>
    internal string[] Unseen(IEnumerable<string> devices, int split)
    {
        var (random, order) = (new RandomStream(split, $"split of {Name}"), devices.Order(StringComparer.Ordinal).ToList());
        for (var i = order.Count - 1; i > 0; i--)
        {
            var other = random.NextInt32(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return [.. order.Take(Math.Max(1, order.Count / 3))];
    }
}

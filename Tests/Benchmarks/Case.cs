namespace Benchmarks;

/// <summary>One of those measured in a case: ours, a peer, or a physical limit.</summary>
/// <param name="Name">Its name, such as <c>transformblock</c> or <c>memcpy</c>.</param>
/// <param name="Measure">Does the whole work once and says how long it took; called for each repeat, and once before them to warm up.
/// Null: not installed.</param>
/// <param name="Missing">Why it cannot be measured; null if it can.</param>
internal sealed record Contender(string Name, Func<Sample>? Measure, string? Missing = null)
{
    /// <summary>Finds out whether it can be measured, where that costs something: why not, or null. Called once, before the first
    /// turn.</summary>
    internal Func<string?>? Look { get; init; }

    /// <summary>The contender as it is known after a look.</summary>
    internal Contender Looked() => Look?.Invoke() is { } reason ? this with { Measure = null, Missing = reason } : this;
}

/// <summary>What is measured: ours, and the peers that do the same work.</summary>
/// <param name="Name">The case's name, distinct within its suite.</param>
/// <param name="Unit">What a number means, such as <c>ns/hop</c>.</param>
/// <param name="Ours">Our implementation.</param>
/// <param name="Peers">What it is compared with; none for a case that stands alone.</param>
internal sealed record Case(string Name, string Unit, Contender Ours, params Contender[] Peers)
{
    /// <summary>True if a larger number is the better one, as with rows per second.</summary>
    internal bool HigherIsBetter { get; init; }

    /// <summary>Repeats unless the command line says otherwise.</summary>
    internal int Repeats { get; init; } = 11;

    /// <summary>False for a case so long that it runs cold.</summary>
    internal bool WarmsUp { get; init; } = true;
}

/// <summary>The cases about one part of the library. A new suite is a file with a sealed class of this type.</summary>
internal abstract class Suite
{
    internal abstract string Name { get; }
    internal abstract IReadOnlyList<Case> Cases { get; }

    /// <summary>Prints a table that a test takes its figures from. False if there is none.</summary>
    internal virtual bool Table(TextWriter output) => false;

    /// <summary>Compares what the contenders compute, and prints it. False if they do not agree.</summary>
    internal virtual bool Check(TextWriter output) => true;
}

/// <summary>The suites of this program.</summary>
internal static class Suites
{
    internal static IReadOnlyList<Suite> All { get; } =
    [
        .. typeof(Suite).Assembly.GetTypes()
            .Where(t => t.IsSubclassOf(typeof(Suite)))
            .Select(t => (Suite)Activator.CreateInstance(t)!)
            .OrderBy(s => s.Name, StringComparer.Ordinal),
    ];

    internal static Suite? Find(string name) => All.FirstOrDefault(s => s.Name == name);
}

/// <summary>A case could not be measured, or its result is wrong; the message is one line.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);

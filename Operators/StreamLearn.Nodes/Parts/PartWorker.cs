using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>A node that computes parts of a block.</summary>
/// <param name="Name">Task recipient name, 1 to 256 bytes in UTF-8.</param>
/// <param name="Rate">Relative speed in a unit common to all: lines are distributed in proportion. Above 0; default 1.</param>
public sealed record PartWorker(string Name, double Rate = 1)
{
    /// <summary>Its name.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public string Name { get; init; } = DeviceName.Checked(Name, nameof(Name));

    /// <summary>Its relative speed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0 and finite.</exception>
    public double Rate { get; init; } = Rate > 0 && double.IsFinite(Rate)
        ? Rate : throw new ArgumentOutOfRangeException(nameof(Rate), Rate, "expected a rate above 0");
}

using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>What one layer took on a machine.</summary>
/// <param name="ForwardSeconds">Seconds of a row forward, 0 or more.</param>
/// <param name="BackwardSeconds">Seconds of a row backward, with the gradient of its inputs (but for the first layer), 0 or more.</param>
/// <param name="PeakBytes">Bytes that a batch reserves for the layer: tape and scratch; 0 where the model does not say.</param>
public readonly record struct LayerMeasure(double ForwardSeconds, double BackwardSeconds, long PeakBytes)
{
    /// <summary>Seconds of a row forward and backward.</summary>
    public double Seconds => ForwardSeconds + BackwardSeconds;
}

/// <summary>What the layers of a model cost and what they took on a machine, as <see cref="LayerProfiler"/> measures it. A file holds it
/// (<see cref="LayerProfileFile"/>).</summary>
public sealed record LayerProfile
{
    /// <summary>Makes a profile.</summary>
    /// <param name="costs">What the layers cost on any machine.</param>
    /// <param name="layers">What each took on this one.</param>
    /// <param name="rows">Rows of the batches that were measured, at least 1.</param>
    /// <param name="machine">The machine, in a word or a few.</param>
    /// <param name="date">When it was measured.</param>
    /// <exception cref="ArgumentException">There are more or fewer layers than costs, or a number is out of range.</exception>
    public LayerProfile(LayerCosts costs, ImmutableArray<LayerMeasure> layers, int rows, string machine, DateTimeOffset date)
    {
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentException.ThrowIfNullOrWhiteSpace(machine);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (layers.IsDefault || layers.Length != costs.Count || layers.Length == 0)
        {
            throw new ArgumentException(
                $"expected {costs.Count} layers, at least 1, got {(layers.IsDefault ? 0 : layers.Length)}", nameof(layers));
        }

        foreach (var layer in layers)
        {
            if (!(layer is { ForwardSeconds: >= 0, BackwardSeconds: >= 0, PeakBytes: >= 0 } && double.IsFinite(layer.Seconds)))
            {
                throw new ArgumentException($"expected seconds and bytes of 0 or more, got {layer}", nameof(layers));
            }
        }

        (Costs, Layers, Rows, Machine, Date) = (costs, layers, rows, machine, date);
    }

    /// <summary>What the layers cost on any machine.</summary>
    public LayerCosts Costs { get; }

    /// <summary>What each layer took.</summary>
    public ImmutableArray<LayerMeasure> Layers { get; }

    /// <summary>Rows of the batches that were measured.</summary>
    public int Rows { get; }

    /// <summary>The machine.</summary>
    public string Machine { get; }

    /// <summary>When it was measured.</summary>
    public DateTimeOffset Date { get; }

    /// <summary>Seconds of a row through all layers, forward and backward.</summary>
    public double Seconds
    {
        get
        {
            var sum = 0.0;
            foreach (var layer in Layers) { sum += layer.Seconds; }
            return sum;
        }
    }

    /// <summary>The times in the form in which devices have them: sums over the layers so far.</summary>
    public LayerTimes Times
    {
        get
        {
            var (forward, backward) = (new double[Layers.Length], new double[Layers.Length]);
            for (var i = 0; i < Layers.Length; i++)
            {
                forward[i] = Layers[i].ForwardSeconds + (i == 0 ? 0 : forward[i - 1]);
                backward[i] = Layers[i].BackwardSeconds + (i == 0 ? 0 : backward[i - 1]);
            }

            return new([.. forward], [.. backward]);
        }
    }

    /// <inheritdoc />
    public bool Equals(LayerProfile? other) =>
        other is not null && (Costs, Rows, Machine, Date) == (other.Costs, other.Rows, other.Machine, other.Date)
        && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Costs, Rows, Machine, Date);

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant(
        $"{Layers.Length} layers on {Machine}, {Date:yyyy-MM-dd}, batches of {Rows}: {Seconds * 1e3:0.####} ms a row");
}

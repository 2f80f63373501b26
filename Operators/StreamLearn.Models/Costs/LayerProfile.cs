using System.Collections.Immutable;

namespace StreamLearn.Models;

/// <summary>Measured times and memory of one layer.</summary>
/// <param name="ForwardSeconds">Seconds of a row forward, 0 or more.</param>
/// <param name="BackwardSeconds">Seconds of a row backward, with input gradient except in the first layer, 0 or more.</param>
/// <param name="PeakBytes">Bytes of tape and scratch for a batch; 0: unknown.</param>
public readonly record struct LayerMeasure(double ForwardSeconds, double BackwardSeconds, long PeakBytes)
{
    /// <summary>Seconds of a row forward and backward.</summary>
    public double Seconds => ForwardSeconds + BackwardSeconds;
}

/// <summary>Costs and times of a model's layers on a machine, from <see cref="LayerProfiler"/>; see
/// <see cref="LayerProfileFile"/>.</summary>
public sealed record LayerProfile
{
    /// <summary>Creates a profile.</summary>
    /// <param name="costs">Costs of the layers on any machine.</param>
    /// <param name="layers">Measures of the layers on this one.</param>
    /// <param name="rows">Rows of the measured batches, at least 1.</param>
    /// <param name="machine">The machine, in a few words.</param>
    /// <param name="date">When it was measured.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a number is out of range.</exception>
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

    /// <summary>Costs of the layers on any machine.</summary>
    public LayerCosts Costs { get; }

    /// <summary>Measures of the layers.</summary>
    public ImmutableArray<LayerMeasure> Layers { get; }

    /// <summary>Rows of the measured batches.</summary>
    public int Rows { get; }

    /// <summary>The machine.</summary>
    public string Machine { get; }

    /// <summary>When it was measured.</summary>
    public DateTimeOffset Date { get; }

    /// <summary>Seconds of a row forward and backward through all layers.</summary>
    public double Seconds
    {
        get
        {
            var sum = 0.0;
            foreach (var layer in Layers) { sum += layer.Seconds; }
            return sum;
        }
    }

    /// <summary>The times as cumulative sums over the layers.</summary>
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

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

/// <summary>Costs and times of a model's layers on a machine, from <see cref="Measure"/>.</summary>
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

    /// <summary>Measures the layers of a model on this machine.</summary>
    /// <remarks>Takes each layer's median over random batches on one thread. The first measurement includes just-in-time compilation;
    /// repeat until times stop falling.</remarks>
    /// <param name="model">The model; its initial weights are used.</param>
    /// <param name="rows">Batch rows, at least 1; larger batches are faster per row.</param>
    /// <param name="time">The clock.</param>
    /// <param name="warmUp">Warm-up passes, 0 or more; default 3.</param>
    /// <param name="repeat">Measured passes, at least 1; default 10.</param>
    /// <param name="cancellationToken">Cancels between two layers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static LayerProfile Measure(ISplitModel model, int rows, TimeProvider time, int warmUp = 3, int repeat = 10,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(warmUp);
        ArgumentOutOfRangeException.ThrowIfLessThan(repeat, 1);
        var passes = new ProfiledPasses(model, rows, time, model.PartCount);
        for (var pass = 0; pass < warmUp + repeat; pass++) { passes.Run(pass < warmUp, cancellationToken); }
        return new(LayerCosts.Of(model), passes.Medians(), rows, Environment.MachineName, time.GetUtcNow());
    }

    /// <summary>Writes a versioned JSON file.</summary>
    public byte[] Save() => LayerProfileFile.Save(this);

    /// <summary>Reads what <see cref="Save"/> wrote; unknown, missing and duplicate names are refused.</summary>
    /// <exception cref="ModelFormatException">The profile is invalid or of another version.</exception>
    public static LayerProfile Load(ReadOnlyMemory<byte> bytes) => LayerProfileFile.Load(bytes);

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

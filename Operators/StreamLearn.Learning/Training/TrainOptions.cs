namespace StreamLearn.Learning;

/// <summary>What a device does between an update and the next model.</summary>
public enum TrainPace
{
    /// <summary>It goes on at once, from the newest model it has.</summary>
    Free,

    /// <summary>It takes no rows until a newer model has come: lock-step mode.</summary>
    LockStep,
}

/// <summary>Settings of <c>Train</c>.</summary>
public sealed record TrainOptions
{
    /// <summary>Moves the weights; default SGD of rate 0.05, momentum 0.9, clipped at norm 2.</summary>
    public Optimizer Optimizer { get; init; } = new Sgd(0.05f);

    /// <summary>Rows that the replay buffer keeps. Rows, at least 1; default 512.</summary>
    public int BufferRows { get; init; } = 512;

    /// <summary>Labelled rows that earn <see cref="StepsPerRow"/> steps. Rows, at least 1; default 1.</summary>
    public int RowsPerStep { get; init; } = 1;

    /// <summary>
    /// Steps that <see cref="RowsPerStep"/> labelled rows earn: above 1 where rows come more slowly than they can be learned from. At least
    /// 1; default 1.
    /// </summary>
    public int StepsPerRow { get; init; } = 1;

    /// <summary>Rows drawn from the replay buffer for a step. Rows, at least 1; default 16.</summary>
    public int BatchRows { get; init; } = 16;

    /// <summary>Labelled rows from which on steps are earned. Rows, at least 1; default 8.</summary>
    public int StartAfterRows { get; init; } = 8;

    /// <summary>Steps behind an update. At least 1; default 4.</summary>
    public int StepsPerUpdate { get; init; } = 4;

    /// <summary>What happens after an update; default free.</summary>
    public TrainPace Pace { get; init; }

    /// <summary>Start of the device, for the identity of its updates: to be raised at each. Default 0.</summary>
    public long Epoch { get; init; }

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Optimizer);
        Optimizer.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RowsPerStep, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StepsPerRow, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StartAfterRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(StepsPerUpdate, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)StepsPerUpdate * BatchRows, int.MaxValue, nameof(StepsPerUpdate));
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Optimizer}, batch {BatchRows}, {StepsPerUpdate} steps an update, {StepsPerRow} steps per {RowsPerStep} rows, buffer "
            + $"{BufferRows}, {(Pace == TrainPace.Free ? "free" : "lock-step")}");
}

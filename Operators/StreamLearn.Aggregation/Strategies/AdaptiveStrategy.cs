namespace StreamLearn.Aggregation;

/// <summary>A preset with an adaptive step on the server: w ← w + η·m / (√q + ε).</summary>
/// <param name="Devices">Devices to wait for before the first round ends, at least 1.</param>
/// <param name="LearningRate">The server's rate η, above 0; default 0.01.</param>
public abstract record AdaptiveStrategy(int Devices, float LearningRate) : SynchronousStrategy(Devices, LearningRate)
{
    /// <summary>Share β₁ of the first moment that is kept, in [0, 1); default 0.9.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Share β₂ of the second moment that is kept, in [0, 1); default 0.99. FedAdagrad keeps all of it.</summary>
    public float Beta2 { get; init; } = 0.99f;

    /// <summary>What is added to the root of the second moment, above 0; default 0.001.</summary>
    public float Epsilon { get; init; } = 1e-3f;

    private protected AdaptiveSettings Settings => new(LearningRate, Beta1, Beta2, Epsilon);

    /// <inheritdoc />
    public override void Check()
    {
        base.Check();
        CheckShare(Beta1, nameof(Beta1));
        CheckShare(Beta2, nameof(Beta2));
        CheckRate(Epsilon, nameof(Epsilon));
    }
}

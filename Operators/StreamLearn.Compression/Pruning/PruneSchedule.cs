namespace StreamLearn.Compression;

/// <summary>Sparsity schedule during training: s(t) = s_f + (s_i − s_f)(1 − (t − t₀) / (n Δt))³ at every Δt-th step from t₀.</summary>
/// <remarks>Source: Zhu, Gupta (2017), <i>To prune, or not to prune</i>, equation 1.</remarks>
/// <param name="Final">Final share s_f of zeros, in [0, 1).</param>
/// <param name="Initial">Initial share s_i, in [0, <paramref name="Final"/>]; default 0.</param>
/// <param name="FirstStep">Step t₀, at least 0; default 0.</param>
/// <param name="Every">Steps Δt between changes, at least 1; default 10.</param>
/// <param name="Changes">Changes n, at least 1; default 50.</param>
public sealed record PruneSchedule(float Final, float Initial = 0, int FirstStep = 0, int Every = 10, int Changes = 50)
{
    /// <summary>Computes the sparsity at a step; 0 before the first change.</summary>
    /// <param name="step">The step, at least 0.</param>
    public float At(long step)
    {
        if (step < FirstStep) { return 0; }
        var left = 1 - ((double)Math.Min((step - FirstStep) / Every, Changes) / Changes);
        return (float)(Final + ((Initial - (double)Final) * left * left * left));
    }

    /// <summary>Returns whether sparsity changes at a step.</summary>
    /// <param name="step">The step, at least 0.</param>
    public bool IsDue(long step) => step >= FirstStep && (step - FirstStep) % Every == 0 && (step - FirstStep) / Every <= Changes;

    internal bool IsLast(long step) => step == FirstStep + ((long)Every * Changes);

    internal void Check()
    {
        if (!(Final is >= 0 and < 1)) { throw new ArgumentException($"expected a final sparsity in [0, 1), got {Final}"); }
        if (!(Initial >= 0 && Initial <= Final))
        {
            throw new ArgumentException($"expected an initial sparsity in [0, {Final}], got {Initial}");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(FirstStep);
        ArgumentOutOfRangeException.ThrowIfLessThan(Every, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Changes, 1);
    }
}

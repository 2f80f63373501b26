namespace StreamLearn.Models;

/// <summary>
/// A layer of a network: immutable structure that prints and compares by value; weights, gradients and memory are arguments.
/// </summary>
/// <remarks>
/// Every call keeps three promises: the result of a row does not depend on the rows beside it; calls for several rows give the bits of
/// calls for one row after the other; no sum's order depends on the width of vectors. Nothing is allocated.
/// </remarks>
public abstract record Layer
{
    /// <summary>Tells what the layer makes of rows of a shape, and what it needs for that.</summary>
    /// <param name="input">Shape of one row.</param>
    /// <exception cref="ArgumentException">The settings are out of range or do not fit the shape.</exception>
    /// <exception cref="OverflowException">There would be more values than can be counted.</exception>
    public abstract LayerPlan Plan(Shape input);

    /// <summary>
    /// Fills the layer's values at the start: uniform in ±1/√fan-in unless the layer says otherwise; nothing if it has none.
    /// </summary>
    /// <param name="input">Shape of one row.</param>
    /// <param name="values">The layer's values, slice after slice; zeros before.</param>
    /// <param name="random">The stream of the network.</param>
    public virtual void Initialize(Shape input, Span<float> values, RandomStream random)
    {
    }

    /// <summary>
    /// Computes outputs from inputs, and writes on the tape what <see cref="Backward"/> needs; an empty tape means inference.
    /// </summary>
    /// <param name="call">Inputs, weights, scratch; outputs and tape are written.</param>
    public abstract void Forward(in LayerCall call);

    /// <summary>
    /// Computes the gradient of the inputs, which is overwritten (empty: not wanted), and adds that of the trained values to the gradients.
    /// </summary>
    /// <param name="call">Inputs, outputs and tape as the forward pass left them; the gradient of the outputs.</param>
    public abstract void Backward(in LayerCall call);

    /// <summary>Its plan where only a part of it learns. <paramref name="plan"/>: its plan, masked or not. <paramref name="isLowest"/>:
    /// true if nothing before the layer learns.</summary>
    internal virtual LayerPlan Masked(LayerPlan plan, Shape input, Func<string, bool> learns, bool isLowest) => plan.Masked(learns);

    /// <summary>A layer that does the work of the next one too, with the same values and bits; null (default) if there is none.</summary>
    internal virtual Layer? Fused(Layer next) => null;

    /// <summary>Scratch values of the second thread at most, where two share a call of some rows.</summary>
    internal virtual int SharedScratch(LayerPlan plan, Shape input, int rows) =>
        plan.Shares && !plan.NeedsBatchStatistics ? plan.Scratch(rows) : 0;

    /// <summary>Runs one pass; layers that look first have some of their own.</summary>
    internal virtual void Run(LayerPass pass, in LayerCall call)
    {
        if (pass == LayerPass.Forward) { Forward(call); }
        else { Backward(call); }
    }

    /// <summary>Weights, then biases, as the layer was told; uniform in ±1/√fanIn where it was told nothing.</summary>
    private protected static void Start(Initial? initial, Span<float> values, int fanIn, int biases, RandomStream random)
    {
        if (initial is null) { Uniform(values, fanIn, random); }
        else { initial.Fill(values[..^biases], values[^biases..], random); }
    }

    /// <summary>Uniform in ±1/√fanIn. Source: LeCun et al. (1998), <i>Efficient BackProp</i>, the scale.</summary>
    private protected static void Uniform(Span<float> values, int fanIn, RandomStream random)
    {
        var bound = 1 / Math.Sqrt(fanIn);
        foreach (ref var value in values) { value = (float)random.NextDouble(-bound, bound); }
    }
}

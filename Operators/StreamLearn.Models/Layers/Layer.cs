namespace StreamLearn.Models;

/// <summary>An immutable network layer; weights, gradients and memory are arguments. Compared by value.</summary>
/// <remarks>Rows are independent: a batch gives the same bits as its rows one by one, whatever the vector width. Calls allocate
/// nothing.</remarks>
public abstract record Layer
{
    /// <summary>Plans output shape and memory.</summary>
    /// <param name="input">Shape of a row.</param>
    /// <exception cref="ArgumentException">Settings are invalid or do not fit the shape.</exception>
    /// <exception cref="OverflowException">There are too many values to count.</exception>
    public abstract LayerPlan Plan(Shape input);

    /// <summary>Initializes the values, if there are any: uniform in ±1/√fan-in unless the layer does otherwise.</summary>
    /// <param name="input">Shape of a row.</param>
    /// <param name="values">The layer's values, slice after slice; zeros initially.</param>
    /// <param name="random">The network's random stream.</param>
    public virtual void Initialize(Shape input, Span<float> values, RandomStream random)
    {
    }

    /// <summary>Computes outputs, and writes the tape for <see cref="Backward"/>; an empty tape means inference.</summary>
    /// <param name="call">Inputs, weights, scratch; outputs and tape are written.</param>
    public abstract void Forward(in LayerCall call);

    /// <summary>Overwrites the input gradient (empty: not needed), and adds to the gradients of trained values.</summary>
    /// <param name="call">Inputs, outputs and tape from the forward pass; the output gradient.</param>
    public abstract void Backward(in LayerCall call);

    /// <summary>Returns the plan under a mask of trained values. <paramref name="plan"/>: masked or not. <paramref name="isLowest"/>: true
    /// if no layer before this one learns.</summary>
    internal virtual LayerPlan Masked(LayerPlan plan, Shape input, Func<string, bool> learns, bool isLowest) => plan.Masked(learns);

    /// <summary>Returns a layer that also computes the next layer, with the same bits; default null.</summary>
    internal virtual Layer? Fused(Layer next) => null;

    /// <summary>Returns the maximum scratch of the second thread if two threads share a call.</summary>
    internal virtual int SharedScratch(LayerPlan plan, Shape input, int rows) =>
        plan.Shares && !plan.NeedsBatchStatistics ? plan.Scratch(rows) : 0;

    internal virtual void Run(LayerPass pass, in LayerCall call)
    {
        if (pass == LayerPass.Forward) { Forward(call); }
        else { Backward(call); }
    }

    /// <summary>Initializes weights, then biases; uniform in ±1/√fanIn by default.</summary>
    private protected static void Start(Initial? initial, Span<float> values, int fanIn, int biases, RandomStream random)
    {
        if (initial is null) { Uniform(values, fanIn, random); }
        else { initial.Fill(values[..^biases], values[^biases..], random); }
    }

    /// <summary>Source: LeCun et al. (1998), <i>Efficient BackProp</i>, for the scale.</summary>
    private protected static void Uniform(Span<float> values, int fanIn, RandomStream random)
    {
        var bound = 1 / Math.Sqrt(fanIn);
        foreach (ref var value in values) { value = (float)random.NextDouble(-bound, bound); }
    }
}

namespace StreamLearn.Learning;

/// <summary>
/// Moves the trained values of a model by their gradient. A value that prints and compares; what it remembers is an argument.
/// </summary>
public abstract record Optimizer
{
    /// <summary>Step size, above 0.</summary>
    public abstract float LearningRate { get; init; }

    /// <summary>Values remembered for each value of the model: 1 for a momentum, 2 for Adam.</summary>
    public abstract int StateValues { get; }

    /// <summary>Moves the weights by one step.</summary>
    /// <param name="plan">The model's plan.</param>
    /// <param name="weights">All values of the model; the trained slices are moved.</param>
    /// <param name="gradients">The gradient.</param>
    /// <param name="state"><see cref="StateValues"/> times as many values as the model has; zeros at first.</param>
    /// <param name="step">Number of the step since the state was zeros, from 1.</param>
    public abstract void Step(ModelPlan plan, Span<float> weights, ReadOnlySpan<float> gradients, Span<float> state, long step);

    /// <summary>
    /// The rate and momentum of plain gradient descent, if that is all this optimizer does: layers may then take the step themselves. Null
    /// for any other.
    /// </summary>
    internal virtual (float Rate, float Momentum)? Descent => null;

    /// <summary>Checks the settings; called at wiring.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public abstract void Check();
}

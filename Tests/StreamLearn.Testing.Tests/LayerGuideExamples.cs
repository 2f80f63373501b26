using StreamLearn.Models;

namespace StreamLearn.Testing.Tests;

/// <summary>The C# of docs/reference/layers.md: y = x / (1 + |x|).</summary>
public sealed record Softsign : Layer
{
    public override LayerPlan Plan(Shape input) => new(input) { Reads = BackwardReads.Outputs };

    public override void Forward(in LayerCall call)
    {
        for (var i = 0; i < call.Inputs.Length; i++) { call.Outputs[i] = call.Inputs[i] / (1 + Math.Abs(call.Inputs[i])); }
    }

    public override void Backward(in LayerCall call)
    {
        for (var i = 0; i < call.InputGradients.Length; i++)            // empty where nobody wants them
        {
            var rest = 1 - Math.Abs(call.Outputs[i]);
            call.InputGradients[i] = call.OutputGradients[i] * rest * rest;
        }
    }
}

internal static class LayerGuideExamples
{
    internal static Network Create() => new(new Shape(2), classes: 2, [new Dense(8), new Softsign()], [new Exit(1, new Dense(2))], seed: 1);

    internal static double LargestError()
    {
        var network = Create();
        var sample = new Sample([0.3f, -1.2f, 2f, 0.7f], [0, 1]);                   // two rows of two features
        var weights = network.Initial.Values.ToArray();
        var (gradients, none) = (new float[weights.Length], new float[weights.Length]);
        var memory = new Workspace();
        network.Loss(weights, sample, gradients, memory);

        var largest = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            var (value, step) = (weights[i], 1e-2f);
            weights[i] = value + step;
            var above = network.Loss(weights, sample, none, memory);
            weights[i] = value - step;
            var below = network.Loss(weights, sample, none, memory);
            weights[i] = value;
            largest = Math.Max(largest, Math.Abs(gradients[i] - ((above - below) / (2 * step))));
        }

        return largest;
    }
}

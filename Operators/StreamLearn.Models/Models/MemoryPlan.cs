using System.Globalization;
using System.Text;

namespace StreamLearn.Models;

/// <summary>Memory of a layer, head or model without layers.</summary>
/// <param name="Name">The position and settings.</param>
/// <param name="Output">Shape of an output row.</param>
/// <param name="MultiplyAdds">Forward multiply-adds per row.</param>
/// <param name="ParameterBytes">Size of the values in bytes.</param>
/// <param name="GradientBytes">Size of the gradient in bytes.</param>
/// <param name="TapeBytes">Bytes kept for the backward pass: the tape, and the inputs if they are kept.</param>
/// <param name="OptimizerBytes">Bytes of optimizer state.</param>
public sealed record LayerMemory(
    string Name, Shape Output, long MultiplyAdds, long ParameterBytes, long GradientBytes, long TapeBytes, long OptimizerBytes);

/// <summary>Memory for training and inference: exact for one thread unless estimated.</summary>
/// <remarks>Values, gradient and optimizer state include frozen parts. It prints as a table.</remarks>
public sealed class MemoryPlan
{
    private const int NameWidth = 40;

    internal MemoryPlan(int rows, ImmutableArray<LayerMemory> layers, long scratchBytes, long inferenceScratchBytes)
    {
        (Rows, Layers, ScratchBytes, InferenceScratchBytes) = (rows, layers, scratchBytes, inferenceScratchBytes);
        foreach (var layer in layers)
        {
            MultiplyAdds += layer.MultiplyAdds;
            ParameterBytes += layer.ParameterBytes;
            TapeBytes += layer.TapeBytes;
            OptimizerBytes += layer.OptimizerBytes;
        }
    }

    internal MemoryPlan(ModelPlan model, string name, int rows, Optimizer? optimizer, long scratchBytes, long inferenceScratchBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        (Rows, ScratchBytes, InferenceScratchBytes) = (rows, scratchBytes, inferenceScratchBytes);
        (MultiplyAdds, ParameterBytes) = (model.MultiplyAdds, model.ParameterBytes);
        OptimizerBytes = (optimizer?.StateValues ?? 0) * ParameterBytes;
        Layers = [new(name, new(model.Outputs), MultiplyAdds, ParameterBytes, GradientBytes, 0, OptimizerBytes)];
    }

    /// <summary>Creates the estimated plan of a model outside this library.</summary>
    /// <param name="model">The model's plan.</param>
    /// <param name="name">The model, in a few words.</param>
    /// <param name="rows">Batch rows, at least 1.</param>
    /// <param name="optimizer">The optimizer; null: no state.</param>
    /// <param name="tapeBytes">Approximate bytes kept for the backward pass.</param>
    /// <param name="scratchBytes">Approximate number of scratch bytes in a step.</param>
    /// <param name="inferenceScratchBytes">Approximate number of scratch bytes in inference.</param>
    public MemoryPlan(ModelPlan model, string name, int rows, Optimizer? optimizer, long tapeBytes, long scratchBytes,
        long inferenceScratchBytes) : this(Checked(model), name, rows, optimizer, scratchBytes, inferenceScratchBytes)
    {
        (IsEstimate, TapeBytes, Layers) = (true, tapeBytes, [Layers[0] with { TapeBytes = tapeBytes }]);
    }

    /// <summary>True: tape and scratch are estimates; false: exact.</summary>
    public bool IsEstimate { get; }

    /// <summary>Rows per batch.</summary>
    public int Rows { get; }

    /// <summary>The layers in order; the head of each exit follows its layer.</summary>
    public ImmutableArray<LayerMemory> Layers { get; }

    /// <summary>Forward multiply-adds of a row.</summary>
    public long MultiplyAdds { get; }

    /// <summary>Size of the values in bytes.</summary>
    public long ParameterBytes { get; }

    /// <summary>Size of the gradient in bytes.</summary>
    public long GradientBytes => ParameterBytes;

    /// <summary>Bytes of optimizer state; 0 without an optimizer.</summary>
    public long OptimizerBytes { get; }

    /// <summary>Bytes kept for the backward pass.</summary>
    public long TapeBytes { get; }

    /// <summary>Scratch bytes of a step; an upper limit with two threads.</summary>
    public long ScratchBytes { get; }

    /// <summary>Bytes of a step that depend on the batch: tape and scratch.</summary>
    public long ActivationBytes => TapeBytes + ScratchBytes;

    /// <summary>Total bytes of a training step.</summary>
    public long TrainingBytes => ParameterBytes + GradientBytes + OptimizerBytes + ActivationBytes;

    /// <summary>Scratch bytes of inference, which splits batches to limit them.</summary>
    public long InferenceScratchBytes { get; }

    /// <summary>Total bytes of inference.</summary>
    public long InferenceBytes => ParameterBytes + InferenceScratchBytes;

    /// <summary>Formats a table of at most 120 columns.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Row(text, "layer", "output", "multiply-adds", "values", "gradient", "tape", "optimizer");
        foreach (var layer in Layers)
        {
            Row(text, layer.Name, layer.Output.ToString(), Count(layer.MultiplyAdds), Size(layer.ParameterBytes),
                Size(layer.GradientBytes), Size(layer.TapeBytes), Size(layer.OptimizerBytes));
        }

        Row(text, "total", "", Count(MultiplyAdds), Size(ParameterBytes), Size(GradientBytes), Size(TapeBytes), Size(OptimizerBytes));
        text.Append(CultureInfo.InvariantCulture,
            $"training with batches of {Rows}: {Size(TrainingBytes)}, of which scratch {Size(ScratchBytes)}\n");
        text.Append(CultureInfo.InvariantCulture, $"inference: {Size(InferenceBytes)}, of which scratch {Size(InferenceScratchBytes)}");
        if (IsEstimate) { text.Append("\ntape and scratch are estimated"); }
        return text.ToString();
    }

    private static ModelPlan Checked(ModelPlan model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model;
    }

    private static void Row(StringBuilder text, string name, string output, string multiplyAdds, params ReadOnlySpan<string> sizes)
    {
        text.Append(CultureInfo.InvariantCulture, $"{Shortened(name, NameWidth),-NameWidth} {output,-14} {multiplyAdds,14}");
        foreach (var size in sizes) { text.Append(CultureInfo.InvariantCulture, $" {size,11}"); }
        text.Append('\n');
    }

    internal static string Shortened(string name, int width) => name.Length <= width ? name : $"{name[..(width - 1)]}…";

    internal static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Size(long bytes) => bytes < 1024
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes} B")
        : bytes < 1 << 20
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.00} MiB");
}

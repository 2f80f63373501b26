using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace StreamLearn.Models;

/// <summary>What a layer, the head of an exit or a model without layers takes of memory.</summary>
/// <param name="Name">Its place and settings.</param>
/// <param name="Output">Shape of one row after it.</param>
/// <param name="MultiplyAdds">Multiply-adds of one row forward.</param>
/// <param name="ParameterBytes">Bytes of its values.</param>
/// <param name="GradientBytes">Bytes of their gradient.</param>
/// <param name="TapeBytes">Bytes that stay from the forward to the backward pass: its inputs, if they are kept, and its own part.</param>
/// <param name="OptimizerBytes">Bytes of what the optimizer remembers.</param>
public sealed record LayerMemory(
    string Name, Shape Output, long MultiplyAdds, long ParameterBytes, long GradientBytes, long TapeBytes, long OptimizerBytes);

/// <summary>
/// What a model takes of memory when it learns from a batch, and when it answers one: exact for one thread, before anything runs, unless it
/// says that it is an estimate.
/// </summary>
/// <remarks>
/// The values of the model, their gradient and what the optimizer remembers are flat arrays of the caller, frozen parts included. Prints
/// as a table.
/// </remarks>
public sealed class MemoryPlan
{
    private const int NameWidth = 40;

    /// <summary>The plan of a model of some layers.</summary>
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

    /// <summary>The plan of a model of one layer, which keeps nothing for a backward pass.</summary>
    internal MemoryPlan(ModelPlan model, string name, int rows, Optimizer? optimizer, long scratchBytes, long inferenceScratchBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        (Rows, ScratchBytes, InferenceScratchBytes) = (rows, scratchBytes, inferenceScratchBytes);
        (MultiplyAdds, ParameterBytes) = (model.MultiplyAdds, model.ParameterBytes);
        OptimizerBytes = (optimizer?.StateValues ?? 0) * ParameterBytes;
        Layers = [new(name, new(model.Outputs), MultiplyAdds, ParameterBytes, GradientBytes, 0, OptimizerBytes)];
    }

    /// <summary>The plan of a model that this library does not define, by its own estimate.</summary>
    /// <param name="model">The model's plan.</param>
    /// <param name="name">What the model is, in a few words.</param>
    /// <param name="rows">Rows of a batch, at least 1.</param>
    /// <param name="optimizer">What moves the values; null counts nothing for it.</param>
    /// <param name="tapeBytes">Bytes that stay from the forward to the backward pass, about.</param>
    /// <param name="scratchBytes">Bytes that a step works in, about.</param>
    /// <param name="inferenceScratchBytes">Bytes that inference works in, about.</param>
    public MemoryPlan(ModelPlan model, string name, int rows, Optimizer? optimizer, long tapeBytes, long scratchBytes,
        long inferenceScratchBytes) : this(Checked(model), name, rows, optimizer, scratchBytes, inferenceScratchBytes)
    {
        (IsEstimate, TapeBytes, Layers) = (true, tapeBytes, [Layers[0] with { TapeBytes = tapeBytes }]);
    }

    /// <summary>True: tape and scratch are what the model estimates, and may be more; false: they are exact.</summary>
    public bool IsEstimate { get; }

    /// <summary>Rows of a batch.</summary>
    public int Rows { get; }

    /// <summary>The layers in their order, each exit's head after its layer.</summary>
    public ImmutableArray<LayerMemory> Layers { get; }

    /// <summary>Multiply-adds of one row forward.</summary>
    public long MultiplyAdds { get; }

    /// <summary>Bytes of all values of the model.</summary>
    public long ParameterBytes { get; }

    /// <summary>Bytes of the gradient.</summary>
    public long GradientBytes => ParameterBytes;

    /// <summary>Bytes of what the optimizer remembers; 0 without one.</summary>
    public long OptimizerBytes { get; }

    /// <summary>Bytes that stay from the forward to the backward pass.</summary>
    public long TapeBytes { get; }

    /// <summary>Bytes that layers work in, during a step; with two threads, those of the second one too, at most.</summary>
    public long ScratchBytes { get; }

    /// <summary>Bytes of a step that depend on the batch: tape and scratch.</summary>
    public long ActivationBytes => TapeBytes + ScratchBytes;

    /// <summary>Bytes of a training step in all.</summary>
    public long TrainingBytes => ParameterBytes + GradientBytes + OptimizerBytes + ActivationBytes;

    /// <summary>Bytes that inference works in, whatever the rows beyond its slices.</summary>
    public long InferenceScratchBytes { get; }

    /// <summary>Bytes of inference in all.</summary>
    public long InferenceBytes => ParameterBytes + InferenceScratchBytes;

    /// <summary>The table, no wider than 120 columns.</summary>
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

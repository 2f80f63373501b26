using System.Collections.Immutable;
using System.Text;

namespace StreamLearn.Models;

/// <summary>What is known of a model before it runs: input, outputs, slices, and the work of one row.</summary>
public sealed class ModelPlan
{
    /// <summary>The slice that holds the mean of every channel.</summary>
    public const string ScaleMean = "scale.mean";

    /// <summary>The slice that holds what every channel is multiplied by after its mean is taken away.</summary>
    public const string ScaleInverse = "scale.inverse";

    /// <summary>Makes a plan; slices are laid out one after the other in the given order.</summary>
    /// <param name="input">Shape of one row.</param>
    /// <param name="outputs">Classes.</param>
    /// <param name="multiplyAdds">Multiply-adds of one row forward.</param>
    /// <param name="slices">Name, kind and length of each slice.</param>
    /// <param name="features">The columns that the model takes; empty if any columns of the right number will do.</param>
    /// <param name="structure">What tells models with the same slices apart; empty if nothing does.</param>
    public ModelPlan(
        Shape input, int outputs, long multiplyAdds, IEnumerable<(string Name, SliceKind Kind, int Length)> slices,
        ImmutableArray<Field> features = default, string structure = "")
    {
        ArgumentNullException.ThrowIfNull(slices);
        (Input, Outputs, MultiplyAdds, Features) = (input, outputs, multiplyAdds, features.IsDefault ? [] : features);
        StepMultiplyAdds = 3 * multiplyAdds;
        var all = ImmutableArray.CreateBuilder<Slice>();
        foreach (var (name, kind, length) in slices)
        {
            all.Add(new(name, kind, Values, length));
            Values = Sum(Values, length);
        }

        Slices = all.ToImmutable();
        Statistics = [.. Slices.Where(static s => IsRenewed(s.Name, s.Kind))];
        var text = new StringBuilder($"{Input}>{Outputs}");
        foreach (var slice in Slices) { text.Append('\n').Append(slice); }
        foreach (var field in Features) { text.Append('\n').Append(field); }
        if (!string.IsNullOrEmpty(structure)) { text.Append('\n').Append(structure); }
        SchemaHash = StructureHash = Hash(14695981039346656037UL, text.ToString());
    }

    /// <summary>Shape of one row.</summary>
    public Shape Input { get; }

    /// <summary>Outputs of a row: one per class; 1 for two classes, or for a value.</summary>
    public int Outputs { get; }

    /// <summary>What rows bring along to be learned from; default a class.</summary>
    public TargetKind Target { get; init; }

    /// <summary>Classes; 0 if rows bring no class along. With one output there are two.</summary>
    public int Classes => Target == TargetKind.Label ? Math.Max(2, Outputs) : 0;

    /// <summary>Multiply-adds of one row forward.</summary>
    public long MultiplyAdds { get; }

    /// <summary>
    /// Multiply-adds of one row of a training step: three times <see cref="MultiplyAdds"/>; where a mask freezes a part of a network, those
    /// that are really made.
    /// </summary>
    public long StepMultiplyAdds { get; private set; }

    /// <summary>The parts of the flat values, in order.</summary>
    public ImmutableArray<Slice> Slices { get; private set; }

    /// <summary>
    /// The statistics that are averaged over devices like trained values: all but the scale, which is made of merged moments.
    /// </summary>
    public ImmutableArray<Slice> Statistics { get; }

    /// <summary>The columns that the model takes; empty if any columns of the right number will do.</summary>
    public ImmutableArray<Field> Features { get; }

    /// <summary>All values.</summary>
    public int Values { get; }

    /// <summary>Bytes of all values.</summary>
    public long ParameterBytes => 4L * Values;

    /// <summary>Hash of features, classes, slices, structure and signature; it travels with every model and update. Source:
    /// FNV-1a.</summary>
    public ulong SchemaHash { get; private set; }

    /// <summary>The same without the signature: that of a file, whose card has the names.</summary>
    internal ulong StructureHash { get; }

    /// <summary>The same plan, whose hash tells models of another signature apart.</summary>
    internal ModelPlan Signed(string signature)
    {
        var copy = (ModelPlan)MemberwiseClone();
        copy.SchemaHash = signature.Length == 0 ? StructureHash : Hash(StructureHash, $"\n{signature}");
        return copy;
    }

    private static ulong Hash(ulong hash, string text)
    {
        foreach (var value in Encoding.UTF8.GetBytes(text)) { hash = (hash ^ value) * 1099511628211UL; }
        return hash;
    }

    /// <summary>The same plan with other kinds of slices, those that a mask freezes, and the work of a step then. The hash stays.</summary>
    internal ModelPlan With(IEnumerable<SliceKind> kinds, long stepMultiplyAdds)
    {
        var copy = (ModelPlan)MemberwiseClone();
        copy.StepMultiplyAdds = stepMultiplyAdds;
        copy.Slices = [.. Slices.Zip(kinds, static (slice, kind) => slice with { Kind = kind })];
        return copy;
    }

    /// <summary>Throws unless a model can learn from rows, with as many values as it has.</summary>
    /// <param name="batch">The rows, at least one.</param>
    /// <param name="weights">Values of the weights.</param>
    /// <param name="gradients">Values of the gradient.</param>
    /// <exception cref="ArgumentException">There is no row, or a length is not what it should be.</exception>
    public void RequireLoss(in Sample batch, int weights, int gradients)
    {
        if (batch.Rows < 1) { throw new ArgumentOutOfRangeException(nameof(batch), batch.Rows, "expected at least 1 row"); }
        batch.Require(this);
        NetworkLayout.Expect(Values, weights, "weights");
        NetworkLayout.Expect(Values, gradients, "gradients");
    }

    /// <summary>Throws unless a model can answer rows.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="weights">Values of the weights.</param>
    /// <param name="outputs">Values that there is space for.</param>
    /// <exception cref="ArgumentException">A length is not what it should be.</exception>
    public void RequireAnswer(in Sample batch, int weights, int outputs)
    {
        batch.Require(this);
        NetworkLayout.Expect(Values, weights, "weights");
        if (outputs < (long)batch.Rows * Outputs)
        {
            throw new ArgumentException($"expected space for {(long)batch.Rows * Outputs} outputs, {Outputs} per row, got {outputs}");
        }
    }

    /// <summary>Values of two parts together: at most as many as an array has.</summary>
    internal static int Sum(int values, int more) => more <= Array.MaxLength - values
        ? values + more
        : throw new ArgumentException($"expected a model of at most {Array.MaxLength} values, got {(long)values + more} or more");

    /// <summary>Copies all values to where the longest slice, most of the work, begins on a cache line.</summary>
    /// <remarks>Kernels take values from anywhere and give the same bits; from here they read them faster.</remarks>
    /// <param name="values">All values of a model.</param>
    /// <exception cref="ArgumentException">There are not as many as the model has.</exception>
    public Memory<float> Aligned(ReadOnlySpan<float> values)
    {
        NetworkLayout.Expect(Values, values.Length, "values");
        var copy = Zeros();
        values.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Zeros for some copies of all values, the first of which lies as <see cref="Aligned"/> has it.</summary>
    /// <param name="copies">Copies, 0 or more; default 1.</param>
    public Memory<float> Zeros(int copies = 1) =>
        Models.Aligned.Values(checked(copies * Values), Slices.IsEmpty ? 0 : Slices.MaxBy(static slice => slice.Length)!.Offset);

    /// <summary>The class of the highest probability or score; the first of equals.</summary>
    /// <param name="scores">One for each class, at least one.</param>
    public static int ClassOf(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var c = 1; c < scores.Length; c++)
        {
            if (scores[c] > scores[best]) { best = c; }
        }

        return best;
    }

    /// <summary>A slice by name, or null.</summary>
    /// <param name="name">The name.</param>
    public Slice? Find(string name)
    {
        foreach (var slice in Slices)
        {
            if (slice.Name == name) { return slice; }
        }

        return null;
    }

    /// <summary>True for a statistic that steps change. The scale is none of those: rows make it.</summary>
    internal static bool IsRenewed(string name, SliceKind kind) => kind == SliceKind.Statistic && name is not (ScaleMean or ScaleInverse);

    /// <summary>Takes over the new statistics that a backward pass has left where their gradient would be.</summary>
    internal void Renew(ReadOnlySpan<float> gradients, Span<float> weights)
    {
        foreach (var slice in Statistics) { slice.Of(gradients).CopyTo(slice.Of(weights)); }
    }

    /// <summary>Writes the channels' mean and inverse deviation into the model's scale, if it has one.</summary>
    /// <param name="moments">The moments; null leaves the values as they are.</param>
    /// <param name="values">All values of the model.</param>
    public void SetScale(ChannelMoments? moments, Span<float> values)
    {
        if (moments is null || Find(ScaleMean) is not { } mean || Find(ScaleInverse) is not { } inverse) { return; }
        for (var c = 0; c < mean.Length; c++)
        {
            mean.Of(values)[c] = (float)moments.Mean[c];
            inverse.Of(values)[c] = (float)moments.Inverse(c);
        }
    }

    /// <summary>
    /// Finds out whether batches of a schema are what the model takes: one float32 column per channel. Where a channel has several samples,
    /// as many rows of the batch, one after the other, are one row of the model.
    /// </summary>
    /// <param name="schema">The schema of the batches.</param>
    /// <exception cref="SchemaException">The float32 columns are too few, too many, or others.</exception>
    public void Require(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var channel = 0;
        foreach (var field in schema.Fields)
        {
            if (field.Type != ColumnType.Float32) { continue; }
            if (!Features.IsEmpty && channel < Features.Length
                && field with { Privacy = Features[channel].Privacy } != Features[channel])     // whatever the labels
            {
                throw new SchemaException($"expected column {Features[channel]}, got {field}");
            }

            channel++;
        }

        if (channel != Input.Channels) { throw new SchemaException($"expected {Input.Channels} float32 columns, got {channel}"); }
    }
}

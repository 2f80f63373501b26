using System.Text;

namespace StreamLearn.Models;

/// <summary>Input, outputs, slices and work of a model.</summary>
public sealed class ModelPlan
{
    /// <summary>Slice with the mean of every channel.</summary>
    public const string ScaleMean = "scale.mean";

    /// <summary>The slice with the factor of every channel, which applies after subtracting the mean.</summary>
    public const string ScaleInverse = "scale.inverse";

    /// <summary>Creates a plan with slices laid out in the given order.</summary>
    /// <param name="input">Shape of a row.</param>
    /// <param name="outputs">Classes.</param>
    /// <param name="multiplyAdds">Forward multiply-adds per row.</param>
    /// <param name="slices">Name, kind and length of each slice.</param>
    /// <param name="features">The model's columns; empty: any.</param>
    /// <param name="structure">A string that distinguishes models with the same slices; may be empty.</param>
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

    /// <summary>Shape of a row.</summary>
    public Shape Input { get; }

    /// <summary>Outputs: one per class; 1 for two classes or a value.</summary>
    public int Outputs { get; }

    /// <summary>Training target of rows; default a class.</summary>
    public TargetKind Target { get; init; }

    /// <summary>Number of classes, at least two; 0 without class targets.</summary>
    public int Classes => Target == TargetKind.Label ? Math.Max(2, Outputs) : 0;

    /// <summary>Forward multiply-adds of a row.</summary>
    public long MultiplyAdds { get; }

    /// <summary>Training multiply-adds per row: three times <see cref="MultiplyAdds"/>, minus what a mask saves.</summary>
    public long StepMultiplyAdds { get; private set; }

    /// <summary>The slices (named ranges) of the flat values, in order.</summary>
    public ImmutableArray<Slice> Slices { get; private set; }

    /// <summary>The statistics that are averaged over devices: all except the scale, which comes from merged moments.</summary>
    public ImmutableArray<Slice> Statistics { get; }

    /// <summary>The model's columns; empty: any.</summary>
    public ImmutableArray<Field> Features { get; }

    /// <summary>Number of values.</summary>
    public int Values { get; }

    /// <summary>Size of all values in bytes.</summary>
    public long ParameterBytes => 4L * Values;

    /// <summary>Hash of features, classes, slices, structure and signature. Source: FNV-1a.</summary>
    public ulong SchemaHash { get; private set; }

    /// <summary>Hash without the signature, for files, whose card contains the names.</summary>
    internal ulong StructureHash { get; }

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

    /// <summary>Applies a mask; keeps the hash.</summary>
    internal ModelPlan With(IEnumerable<SliceKind> kinds, long stepMultiplyAdds)
    {
        var copy = (ModelPlan)MemberwiseClone();
        copy.StepMultiplyAdds = stepMultiplyAdds;
        copy.Slices = [.. Slices.Zip(kinds, static (slice, kind) => slice with { Kind = kind })];
        return copy;
    }

    /// <summary>Throws unless rows and lengths fit for training.</summary>
    /// <param name="batch">The rows, at least one.</param>
    /// <param name="weights">Length of the weights.</param>
    /// <param name="gradients">Length of the gradient.</param>
    /// <exception cref="ArgumentException">There is no row, or a length is wrong.</exception>
    public void RequireLoss(in Sample batch, int weights, int gradients)
    {
        if (batch.Rows < 1) { throw new ArgumentOutOfRangeException(nameof(batch), batch.Rows, "expected at least 1 row"); }
        batch.Require(this);
        NetworkLayout.Expect(Values, weights, "weights");
        NetworkLayout.Expect(Values, gradients, "gradients");
    }

    /// <summary>Throws unless rows and lengths fit for inference.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="weights">Length of the weights.</param>
    /// <param name="outputs">Length of the outputs.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public void RequireAnswer(in Sample batch, int weights, int outputs)
    {
        batch.Require(this);
        NetworkLayout.Expect(Values, weights, "weights");
        if (outputs < (long)batch.Rows * Outputs)
        {
            throw new ArgumentException($"expected space for {(long)batch.Rows * Outputs} outputs, {Outputs} per row, got {outputs}");
        }
    }

    /// <summary>Adds two sizes; the sum is limited to the maximum length of an array.</summary>
    internal static int Sum(int values, int more) => more <= Array.MaxLength - values
        ? values + more
        : throw new ArgumentException($"expected a model of at most {Array.MaxLength} values, got {(long)values + more} or more");

    /// <summary>Copies all values so that the longest slice is aligned to a cache line.</summary>
    /// <remarks>Kernels are faster with the copy, and give the same bits.</remarks>
    /// <param name="values">All values of a model.</param>
    /// <exception cref="ArgumentException">The number of weights differs from that of the model.</exception>
    public Memory<float> Aligned(ReadOnlySpan<float> values)
    {
        NetworkLayout.Expect(Values, values.Length, "values");
        var copy = Zeros();
        values.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Allocates zeros for copies of all values; the first copy is <see cref="Aligned"/>.</summary>
    /// <param name="copies">Copies, 0 or more; default 1.</param>
    public Memory<float> Zeros(int copies = 1) =>
        Models.Aligned.Values(checked(copies * Values), Slices.IsEmpty ? 0 : Slices.MaxBy(static slice => slice.Length)!.Offset);

    /// <summary>Returns the class of the highest probability or score; the first on a tie.</summary>
    /// <param name="scores">One per class, at least one.</param>
    public static int ClassOf(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var c = 1; c < scores.Length; c++)
        {
            if (scores[c] > scores[best]) { best = c; }
        }

        return best;
    }

    /// <summary>Finds a slice by name; null: none.</summary>
    public Slice? Find(string name)
    {
        foreach (var slice in Slices)
        {
            if (slice.Name == name) { return slice; }
        }

        return null;
    }

    /// <summary>Returns true for statistics that steps change, but not for the scale, which comes from rows.</summary>
    internal static bool IsRenewed(string name, SliceKind kind) => kind == SliceKind.Statistic && name is not (ScaleMean or ScaleInverse);

    internal void Renew(ReadOnlySpan<float> gradients, Span<float> weights)
    {
        foreach (var slice in Statistics) { slice.Of(gradients).CopyTo(slice.Of(weights)); }
    }

    /// <summary>Writes the means and inverse deviations of the channels to the model's scale, if it has one.</summary>
    /// <param name="moments">The moments; null: nothing changes.</param>
    /// <param name="values">All values.</param>
    public void SetScale(ChannelMoments? moments, Span<float> values)
    {
        if (moments is null || Find(ScaleMean) is not { } mean || Find(ScaleInverse) is not { } inverse) { return; }
        for (var c = 0; c < mean.Length; c++)
        {
            mean.Of(values)[c] = (float)moments.Mean[c];
            inverse.Of(values)[c] = (float)moments.Inverse(c);
        }
    }

    /// <summary>Throws unless a schema has one float32 column per channel. If there are n samples per channel, n consecutive rows form a
    /// model row.</summary>
    /// <param name="schema">The schema of the batches.</param>
    /// <exception cref="SchemaException">There are too few or too many float32 columns, or other ones.</exception>
    public void Require(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var channel = 0;
        foreach (var field in schema.Fields)
        {
            if (field.Type != ColumnType.Float32) { continue; }
            if (!Features.IsEmpty && channel < Features.Length
                && field with { Privacy = Features[channel].Privacy } != Features[channel])     // except for labels
            {
                throw new SchemaException($"expected column {Features[channel]}, got {field}");
            }

            channel++;
        }

        if (channel != Input.Channels) { throw new SchemaException($"expected {Input.Channels} float32 columns, got {channel}"); }
    }
}

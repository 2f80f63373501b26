using System.Buffers;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>The encoded values of an update. Immutable.</summary>
public sealed class CodedValues
{
    private const int MaxCount = 1 << 24;       // limits the memory that a short message can reserve

    private CodedValues(ImmutableArray<float> values, ImmutableArray<byte> bytes) => (Values, Bytes) = (values, bytes);

    /// <summary>The decoded values.</summary>
    public ImmutableArray<float> Values { get; }

    /// <summary>The codes.</summary>
    public ImmutableArray<byte> Bytes { get; }

    /// <summary>Encodes the trained values of a model; statistics and counters stay exact.</summary>
    /// <param name="plan">The model.</param>
    /// <param name="values">The plan's values.</param>
    /// <param name="code">The code.</param>
    /// <param name="random">The source of random numbers for rounding.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of values is wrong.</exception>
    public static CodedValues Of(ModelPlan plan, ReadOnlySpan<float> values, TensorCode code, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(code);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, plan.Values);
        var space = ArrayPool<byte>.Shared.Rent((TensorCode.HeadBytes * plan.Slices.Length) + (4 * plan.Values));
        var written = 0;
        for (var s = 0; s < plan.Slices.Length; s++)
        {
            var first = plan.Slices[s];
            var isTrained = first.Kind == SliceKind.Trained;
            while ((!isTrained || !code.IsByPart) && s + 1 < plan.Slices.Length
                && plan.Slices[s + 1].Kind == SliceKind.Trained == isTrained)
            {
                s++;
            }

            var part = values[first.Offset..(plan.Slices[s].Offset + plan.Slices[s].Length)];
            written += isTrained && code.MaxBytes(part.Length) < ExactBytes(part.Length)
                ? code.Encode(part, random, space.AsSpan(written)) : TensorCode.EncodeExact(part, space.AsSpan(written));
        }

        var coded = new float[values.Length];
        if (!TryRead(space.AsSpan(0, written), coded)) { throw new InvalidOperationException("expected codes that can be read"); }
        var result = new CodedValues(ImmutableCollectionsMarshal.AsImmutableArray(coded), [.. space.AsSpan(0, written)]);
        ArrayPool<byte>.Shared.Return(space);
        return result;
    }

    /// <summary>Saves or reads codes.</summary>
    /// <param name="s">The state.</param>
    /// <param name="coded">The codes to save.</param>
    /// <param name="count">Number of values.</param>
    public static CodedValues? State(ref StateStream s, CodedValues? coded, int count)
    {
        var bytes = s.Array(coded?.Bytes ?? [], (2 * 4 * count) + 1024);
        return s.IsReading ? TryRead(bytes.AsSpan(), count) ?? throw new StateException("expected codes of an update") : coded;
    }

    internal static CodedValues? TryRead(ReadOnlySpan<byte> bytes, int count)
    {
        if (count is < 0 or > MaxCount) { return null; }
        var values = new float[count];
        return TryRead(bytes, values) ? new(ImmutableCollectionsMarshal.AsImmutableArray(values), [.. bytes]) : null;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        while (!bytes.IsEmpty)
        {
            var count = TensorCode.CountOf(bytes);
            if (count < 0 || count > values.Length || !TensorCode.TryDecode(ref bytes, values[..count])) { return false; }
            values = values[count..];
        }

        return values.IsEmpty;
    }

    private static int ExactBytes(int count) => TensorCode.HeadBytes + (4 * count);
}

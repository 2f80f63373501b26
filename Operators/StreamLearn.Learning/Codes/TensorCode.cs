using System.Buffers.Binary;

namespace StreamLearn.Learning;

/// <summary>A compact, lossy form of float32 values.</summary>
/// <remarks> Self-describing: its kind (a byte), the number of values (4 bytes), then the kind's content; decoding needs no setting. A
/// non-finite value makes values of its part non-finite. Cost: no allocation in steady state. </remarks>
public abstract record TensorCode
{
    internal const int HeadBytes = 1 + 4;

    /// <summary>Sends the values of the greatest magnitude, at least one; others become 0.</summary>
    /// <remarks> Of equal magnitudes the first are sent; zeros never. Code: count, gaps between places, values. Biased: use feedback. Cost:
    /// one pass with a sampled threshold, as in Lin et al. (2018), then an exact selection. </remarks>
    /// <param name="share">Share of values sent, above 0 to 1; default 0.01.</param>
    public static TensorCode TopK(double share = 0.01) => new TopKCode(share);

    /// <summary>Sends one random value of each block, optionally times the block's length; others become 0.</summary>
    /// <remarks> Splits the values into equal blocks, one per sent value. Unbiased if scaled; otherwise use feedback. Source: Stich
    /// et al. (2018), rand-k; blocks are ours. </remarks>
    /// <param name="share">Share of values sent, above 0 to 1; default 0.01.</param>
    /// <param name="isScaled">True: times the block's length. Default false.</param>
    public static TensorCode RandomK(double share = 0.01, bool isScaled = false) => new RandomKCode(share, isScaled);

    /// <summary>Rounds each value at random to a level of its bucket's norm.</summary>
    /// <remarks> Of s = 2^(bits − 1) − 1 levels the value v becomes ‖bucket‖ · sign(v) · l/s, where l is s·|v| / ‖bucket‖ rounded up with
    /// the probability of the remainder. Unbiased. Code: bits, bucket size, then each bucket's norm and signed levels. Source: Alistarh et
    /// al. (2017), QSGD, equation 1. </remarks>
    /// <param name="bits">Bits of a value, 2 to 8; default 4: 7 levels and a sign.</param>
    /// <param name="bucket">Values per norm, 1 to 65,535; default 512.</param>
    public static TensorCode Qsgd(int bits = 4, int bucket = 512) => new QsgdCode(bits, bucket);

    /// <summary>Rounds each value at random to one of 2^k numbers between −M and M, the part's greatest magnitude.</summary>
    /// <remarks> f(g) = 2M [quant(g / 2M + ½ + σ / (2^k − 1)) − ½], where quant rounds to multiples of 1 / (2^k − 1) and σ is uniform in
    /// (−½, ½). Unbiased. Code: k, M, the numbers. Source: Zhou et al. (2016), DoReFa-Net, equation 12. </remarks>
    /// <param name="bits">k: bits of a value, 1 to 8; default 6.</param>
    public static TensorCode KBit(int bits = 6) => new KBitCode(bits);

    /// <summary>Rounds each value at random to −s, 0 or s, the part's greatest magnitude.</summary>
    /// <remarks> A clipped value v becomes s · sign(v) with probability |v| / s. Unbiased except for clipping. Code: s, then five values in
    /// a byte. Source: Wen et al. (2017), TernGrad, equations 3 and 9. </remarks>
    /// <param name="clip">Clipping point in standard deviations of the part, above 0; ∞: none. Default 2.5.</param>
    public static TensorCode Ternary(float clip = 2.5f) => new TernaryCode(clip);

    /// <summary>Sends the sign of each value and the part's mean magnitude.</summary>
    /// <remarks> v becomes sign(v) · ‖part‖₁ / d; 0 counts as positive. Code: the mean magnitude, a bit per value, lowest first. Biased:
    /// use feedback. Source: Karimireddy et al. (2019), EF-signSGD, algorithm 1. </remarks>
    public static TensorCode Sign() => new SignCode();

    private static readonly TensorCode?[] Readers =
        ReadersOf(new TopKCode(), new QsgdCode(), new TernaryCode(), new SignCode(), new KBitCode());

    /// <summary>True if the mean of many codes is the encoded values.</summary>
    public abstract bool IsUnbiased { get; }

    /// <summary>True (default): each trained slice of a model has its own code. False: neighbors share one.</summary>
    public virtual bool IsByPart => true;

    /// <summary>The first byte of a code. 0 to 63 belong to this library; other codes take one of 64 to 255, and are registered
    /// (<see cref="TensorCodes.Register"/>) wherever they are decoded.</summary>
    protected abstract byte Kind { get; }

    /// <summary>Returns the code to use while a sender warms up, which sends more; null (default): it has no warm-up.</summary>
    /// <param name="progress">Share of the warm-up that is over, 0 to 1.</param>
    public virtual TensorCode? WarmingUp(double progress) => null;

    /// <summary>Returns the maximum bytes of a code.</summary>
    /// <param name="count">Number of values, at least 0.</param>
    public int MaxBytes(int count) => HeadBytes + MaxContent(count);

    /// <summary>Encodes values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="random">Source of random rounding.</param>
    /// <param name="bytes">Receives the code; <see cref="MaxBytes"/> long.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is less space.</exception>
    public int Encode(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, MaxBytes(values.Length), nameof(bytes));
        bytes[0] = Kind;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], values.Length);
        return HeadBytes + Write(values, random, bytes[HeadBytes..]);
    }

    /// <summary>Decodes values.</summary>
    /// <param name="bytes">Starts with the code; advanced past it.</param>
    /// <param name="values">Receives the values.</param>
    /// <returns>False if it is not a code of this number of values.</returns>
    public static bool TryDecode(ref ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (CountOf(bytes) != values.Length) { return false; }
        var kind = bytes[0];
        bytes = bytes[HeadBytes..];
        return kind == TensorKind.Exact ? TryReadExact(ref bytes, values)
            : Volatile.Read(ref Readers[kind]) is { } reader && reader.TryRead(ref bytes, values);
    }

    /// <summary>Makes codes of its kind decodable.</summary>
    /// <exception cref="ArgumentException">The kind belongs to this library or to another code.</exception>
    internal void Register()
    {
        if (Kind < TensorKind.FirstOutside)
        {
            throw new ArgumentException($"expected a kind of {TensorKind.FirstOutside} to 255, got {Kind}", nameof(Kind));
        }

        if (Interlocked.CompareExchange(ref Readers[Kind], this, null) is { } other && other.GetType() != GetType())
        {
            throw new ArgumentException($"expected a kind that no other code uses, got {Kind} of {other}", nameof(Kind));
        }
    }

    internal static int EncodeExact(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        bytes[0] = TensorKind.Exact;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], values.Length);
        LittleEndian.Write(values, bytes[HeadBytes..]);
        return HeadBytes + (4 * values.Length);
    }

    internal static int CountOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length < HeadBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of range.</exception>
    public void CheckOptions() => Check();

    /// <summary>Checks the settings; default none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of range.</exception>
    protected virtual void Check() { }

    /// <summary>Returns the maximum bytes of a code's content.</summary>
    /// <param name="count">Number of values, at least 0.</param>
    protected abstract int MaxContent(int count);

    /// <summary>Writes the content of a code.</summary>
    /// <param name="values">The values.</param>
    /// <param name="random">Source of random rounding.</param>
    /// <param name="bytes">Receives the content.</param>
    /// <returns>Bytes written.</returns>
    protected abstract int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes);

    /// <summary>Reads the content of a code of this kind, written with any settings; the bytes need not be trusted.</summary>
    /// <param name="bytes">Starts with the content; advanced past it.</param>
    /// <param name="values">Receives the values.</param>
    /// <returns>False if it is not the content of this number of values.</returns>
    protected abstract bool TryRead(ref ReadOnlySpan<byte> bytes, Span<float> values);

    private protected static void CheckShare(double share)
    {
        if (!(share is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "expected a share of more than 0, at most 1");
        }
    }

    private static TensorCode?[] ReadersOf(params ReadOnlySpan<TensorCode> codes)
    {
        var readers = new TensorCode?[byte.MaxValue + 1];
        foreach (var code in codes) { readers[code.Kind] = code; }
        return readers;
    }

    private static bool TryReadExact(ref ReadOnlySpan<byte> bytes, Span<float> values)
    {
        if (bytes.Length / 4 < values.Length) { return false; }
        LittleEndian.Read(bytes[..(4 * values.Length)], values);
        bytes = bytes[(4 * values.Length)..];
        return true;
    }
}

internal static class TensorKind
{
    internal const byte Exact = 0, Sparse = 1, Qsgd = 2, Ternary = 3, Sign = 4, KBit = 5, FirstOutside = 64;
}

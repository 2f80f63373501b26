using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>A compact, lossy encoding of float32 values.</summary>
/// <remarks>A code describes itself: its kind (a byte), the number of values (4 bytes), then the content of the kind, so decoding needs no
/// setting. A non-finite value makes the values of its part non-finite. Cost: no allocation in steady state.</remarks>
public abstract record TensorCode
{
    internal const int HeadBytes = 1 + 4;

    /// <summary>Sends the values with the greatest magnitudes, at least one; the others become 0.</summary>
    /// <remarks>If magnitudes are equal, the first are sent; zeros never are. Code: count, gaps between positions, values. Biased: use
    /// feedback. Cost: one pass with a sampled threshold, as in Lin et al. (2018), then an exact selection.</remarks>
    /// <param name="share">Share of values sent, above 0 to 1; default 0.01.</param>
    public static TensorCode TopK(double share = 0.01) => new TopKCode(share);

    /// <summary>Sends one random value per block, optionally multiplied by the block's length; the others become 0.</summary>
    /// <remarks> Splits the values into equal blocks, one per sent value. Unbiased if scaled; otherwise use feedback. Source: Stich
    /// et al. (2018), rand-k; blocks are ours. </remarks>
    /// <param name="share">Share of values sent, above 0 to 1; default 0.01.</param>
    /// <param name="isScaled">True: multiplies values by the block's length. Default false.</param>
    public static TensorCode RandomK(double share = 0.01, bool isScaled = false) => new RandomKCode(share, isScaled);

    /// <summary>Rounds each value at random to a level of its bucket's norm.</summary>
    /// <remarks> There are s = 2^(bits − 1) − 1 levels. The value v becomes ‖bucket‖ · sign(v) · l/s, where l is s·|v| / ‖bucket‖ rounded
    /// up with the probability of the remainder. Unbiased. Code: bits, bucket size, then each bucket's norm and signed levels. Source:
    /// Alistarh et al. (2017), QSGD, equation 1. </remarks>
    /// <param name="bits">Bits per value, 2 to 8; default 4: 7 levels and a sign.</param>
    /// <param name="bucket">Values per norm, 1 to 65,535; default 512.</param>
    public static TensorCode Qsgd(int bits = 4, int bucket = 512) => new QsgdCode(bits, bucket);

    /// <summary>Rounds each value at random to one of 2^k numbers within ±M, where M is the greatest magnitude in the part.</summary>
    /// <remarks> f(g) = 2M [quant(g / 2M + ½ + σ / (2^k − 1)) − ½], where quant rounds to multiples of 1 / (2^k − 1) and σ is uniform in
    /// (−½, ½). Unbiased. Code: k, M, the numbers. Source: Zhou et al. (2016), DoReFa-Net, equation 12. </remarks>
    /// <param name="bits">k: bits per value, 1 to 8; default 6.</param>
    public static TensorCode KBit(int bits = 6) => new KBitCode(bits);

    /// <summary>Rounds each value at random to −s, 0 or s, where s is the greatest magnitude in the part.</summary>
    /// <remarks> A clipped value v becomes s · sign(v) with probability |v| / s. Unbiased except for clipping. Code: s, then five values
    /// per byte. Source: Wen et al. (2017), TernGrad, equations 3 and 9. </remarks>
    /// <param name="clip">Clipping point in standard deviations of the part, above 0; ∞: none. Default 2.5.</param>
    public static TensorCode Ternary(float clip = 2.5f) => new TernaryCode(clip);

    /// <summary>Sends the sign of each value and the mean magnitude of the part.</summary>
    /// <remarks> v becomes sign(v) · ‖part‖₁ / d; 0 counts as positive. Code: the mean magnitude, then a bit per value, lowest first.
    /// Biased: use feedback. Source: Karimireddy et al. (2019), EF-signSGD, algorithm 1. </remarks>
    public static TensorCode Sign() => new SignCode();

    private static readonly TensorCode?[] Readers =
        ReadersOf(new TopKCode(), new QsgdCode(), new TernaryCode(), new SignCode(), new KBitCode());

    /// <summary>True if the mean of many codes approaches the encoded values.</summary>
    public abstract bool IsUnbiased { get; }

    /// <summary>True (default): each trained slice of a model has its own code. False: neighboring slices share one.</summary>
    public virtual bool IsByPart => true;

    /// <summary>The first byte of a code. 0 to 63 belong to this library. Other codes use one of 64 to 255, and are registered
    /// (<see cref="TensorCodes.Register"/>) wherever they are decoded.</summary>
    protected abstract byte Kind { get; }

    /// <summary>Returns the code to use while a sender warms up, which sends more; null (default): there is no warm-up.</summary>
    /// <param name="progress">How much of the warm-up is over, 0 to 1.</param>
    public virtual TensorCode? WarmingUp(double progress) => null;

    /// <summary>Returns the maximum size of a code in bytes.</summary>
    /// <param name="count">Number of values, at least 0.</param>
    public int MaxBytes(int count) => HeadBytes + MaxContent(count);

    /// <summary>Encodes values.</summary>
    /// <param name="values">The values.</param>
    /// <param name="random">The source of random numbers for rounding.</param>
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
    /// <param name="bytes">The bytes, which start with the code; advanced past it.</param>
    /// <param name="values">Receives the values.</param>
    /// <returns>False if the bytes are not a code for this number of values.</returns>
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

    /// <summary>Encodes values without loss: without those that are 0, if that is shorter.</summary>
    internal static int EncodeExact(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        var given = values.Length - MemoryMarshal.Cast<float, int>(values).Count(0);        // compares bits, so −0 counts
        var isSparse = SparseCode.MaxBytes(given) < 4L * values.Length;
        bytes[0] = isSparse ? TensorKind.Sparse : TensorKind.Exact;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], values.Length);
        if (isSparse) { return HeadBytes + SparseCode.WriteGiven(values, given, bytes[HeadBytes..]); }
        LittleEndian.Write(values, bytes[HeadBytes..]);
        return HeadBytes + (4 * values.Length);
    }

    internal static int CountOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length < HeadBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes[1..]);

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public void CheckOptions() => Check();

    /// <summary>Checks the settings; default none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    protected virtual void Check() { }

    /// <summary>Returns the maximum size of a code's content in bytes.</summary>
    /// <param name="count">Number of values, at least 0.</param>
    protected abstract int MaxContent(int count);

    /// <summary>Writes the content of a code.</summary>
    /// <param name="values">The values.</param>
    /// <param name="random">The source of random numbers for rounding.</param>
    /// <param name="bytes">Receives the content.</param>
    /// <returns>Bytes written.</returns>
    protected abstract int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes);

    /// <summary>Reads the content of a code of this kind, written with any settings. The bytes need not be trusted.</summary>
    /// <param name="bytes">The bytes, which start with the content; advanced past it.</param>
    /// <param name="values">Receives the values.</param>
    /// <returns>False if the bytes are not the content for this number of values.</returns>
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

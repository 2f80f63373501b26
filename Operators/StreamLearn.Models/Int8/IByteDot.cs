namespace StreamLearn.Models;

/// <summary>Byte products in one kind of vector. Integer sums do not depend on the order, so all kinds give the same result.</summary>
internal interface IByteDot<TVector>
    where TVector : struct
{
    static abstract string Name { get; }

    static abstract bool IsSupported { get; }

    static abstract int Lanes { get; }

    /// <summary>Inputs multiplied at a time, which are stored in four bytes.</summary>
    static abstract int Group { get; }

    static abstract int WeightBytes { get; }

    /// <summary>Subtracted from every input.</summary>
    static abstract int Offset { get; }

    /// <summary>Writes one or two bytes per input.</summary>
    static abstract void LayOut(ReadOnlySpan<byte> inputs, Span<byte> laid);

    static abstract TVector Load(ref sbyte weights);

    static abstract TVector Broadcast(ref byte inputs);

    static abstract TVector Add(TVector sums, TVector inputs, TVector weights);

    static abstract void Store(TVector sums, ref int to);
}

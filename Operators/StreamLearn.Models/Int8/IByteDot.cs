namespace StreamLearn.Models;

/// <summary>Byte products in one kind of vector. Integer sums have no order, so all kinds agree.</summary>
internal interface IByteDot<TVector>
    where TVector : struct
{
    static abstract bool IsSupported { get; }

    /// <summary>Outputs of a vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>Inputs multiplied at a time; they lie in four bytes.</summary>
    static abstract int Group { get; }

    static abstract int WeightBytes { get; }

    /// <summary>Subtracted from every input.</summary>
    static abstract int Offset { get; }

    /// <summary>One or two bytes per input.</summary>
    static abstract void LayOut(ReadOnlySpan<byte> inputs, Span<byte> laid);

    static abstract TVector Load(ref sbyte weights);

    static abstract TVector Broadcast(ref byte inputs);

    static abstract TVector Add(TVector sums, TVector inputs, TVector weights);

    static abstract void Store(TVector sums, ref int to);
}

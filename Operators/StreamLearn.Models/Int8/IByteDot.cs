namespace StreamLearn.Models;

/// <summary>Products of activations and weights in one kind of vector. All kinds give the same sums: integers have no order.</summary>
internal interface IByteDot<TVector>
    where TVector : struct
{
    /// <summary>True where the machine has these instructions.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Outputs of a vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>Inputs that are taken at a time; they lie in four bytes.</summary>
    static abstract int Group { get; }

    /// <summary>Bytes of a weight.</summary>
    static abstract int WeightBytes { get; }

    /// <summary>What is taken from every input before it is multiplied.</summary>
    static abstract int Offset { get; }

    /// <summary>Lays inputs out as the products take them: a byte each, or two.</summary>
    static abstract void LayOut(ReadOnlySpan<byte> inputs, Span<byte> laid);

    /// <summary>A group of weights for each lane.</summary>
    static abstract TVector Load(ref sbyte weights);

    /// <summary>The group of inputs, for all lanes.</summary>
    static abstract TVector Broadcast(ref byte inputs);

    /// <summary>Adds the products of a group to a sum of each lane.</summary>
    static abstract TVector Add(TVector sums, TVector inputs, TVector weights);

    /// <summary>Writes a sum of each lane.</summary>
    static abstract void Store(TVector sums, ref int to);
}

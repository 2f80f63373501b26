namespace StreamLearn.Models;

/// <summary>A lossless, compact encoding of values in model files.</summary>
public interface IValueCode
{
    /// <summary>The name with a version, such as <c>compressed/1</c>, which is stored in the file.</summary>
    string Name { get; }

    /// <summary>Encodes all values.</summary>
    /// <param name="plan">The model's plan.</param>
    /// <param name="values">All values, finite.</param>
    byte[] Encode(ModelPlan plan, ReadOnlySpan<float> values);

    /// <summary>Decodes all values. It never throws on invalid bytes and never allocates by an unchecked length.</summary>
    /// <param name="plan">The model's plan.</param>
    /// <param name="bytes">The output of <see cref="Encode"/>, or any other bytes.</param>
    /// <param name="values">Written: the values.</param>
    /// <returns>False if the bytes are not values of this model.</returns>
    bool TryDecode(ModelPlan plan, ReadOnlySpan<byte> bytes, Span<float> values);
}

namespace StreamLearn.Models;

/// <summary>A form in which a model file holds the values of a model in fewer bytes. It loses nothing.</summary>
public interface IValueCode
{
    /// <summary>Its name with its version, such as <c>compressed/1</c>; a file says by it how to read the values.</summary>
    string Name { get; }

    /// <summary>Writes all values.</summary>
    /// <param name="plan">The model's plan.</param>
    /// <param name="values">All values of the model, finite.</param>
    byte[] Encode(ModelPlan plan, ReadOnlySpan<float> values);

    /// <summary>Reads all values. Never throws on bad bytes, and reserves no memory by a length that it has not checked.</summary>
    /// <param name="plan">The model's plan.</param>
    /// <param name="bytes">What <see cref="Encode"/> wrote, or anything.</param>
    /// <param name="values">Where the values go.</param>
    /// <returns>False if the bytes are not values of this model.</returns>
    bool TryDecode(ModelPlan plan, ReadOnlySpan<byte> bytes, Span<float> values);
}

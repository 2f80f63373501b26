namespace StreamLearn.Models;

/// <summary>A layer on rows of a shape, and what it took.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Input">Shape of one row before it.</param>
/// <param name="ForwardSeconds">Seconds of a row forward, 0 or more.</param>
/// <param name="BackwardSeconds">Seconds of a row backward, with the gradient of its inputs, 0 or more.</param>
public readonly record struct MeasuredLayer(Layer Layer, Shape Input, double ForwardSeconds, double BackwardSeconds);

namespace StreamLearn.Models;

/// <summary>A layer, its input shape and its measured times.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Input">Shape of an input row.</param>
/// <param name="ForwardSeconds">Seconds per row forward, 0 or more.</param>
/// <param name="BackwardSeconds">Seconds per row backward, with the input gradient, 0 or more.</param>
internal readonly record struct MeasuredLayer(Layer Layer, Shape Input, double ForwardSeconds, double BackwardSeconds);

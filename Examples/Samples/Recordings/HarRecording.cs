namespace StreamLearn.Samples;

/// <summary>A continuous recording of one person.</summary>
/// <param name="Number">Its number in the data set, from 1.</param>
/// <param name="Person">The wearer.</param>
/// <param name="Offset">Its first sample among all.</param>
/// <param name="Samples">Its samples, at 50 Hz.</param>
public sealed record HarRecording(int Number, int Person, int Offset, int Samples);

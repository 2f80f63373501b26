namespace StreamLearn.Samples;

/// <summary>A continuous recording of one person.</summary>
/// <param name="Number">Its number in the data set, from 1.</param>
/// <param name="Person">The wearer.</param>
/// <param name="Offset">The index of its first sample among all samples.</param>
/// <param name="Samples">The number of its samples, at 50 Hz.</param>
public sealed record HarRecording(int Number, int Person, int Offset, int Samples);

namespace StreamLearn.Samples;

/// <summary>The raw UCI human activity recordings: 30 people, a waist-worn smartphone, 50 Hz. They are read once and shared by
/// sources.</summary>
/// <remarks> Source: Anguita et al. (2013), A Public Domain Dataset for Human Activity Recognition Using Smartphones; Reyes-Ortiz et al.
/// (2015) for the raw signals. The folder holds either <c>raw50hz.i16.gz</c>, <c>raw_experiments.csv</c> and <c>raw_labels.csv</c>, or the
/// original download: the folder <c>RawData</c>, or <c>acc_expNN_userNN.txt</c>, <c>gyro_expNN_userNN.txt</c> and <c>labels.txt</c>. Both
/// give the same samples, rounded to the sensors' steps, 1/720 g and 0.0175 °/s. State: 13 bytes per sample, 15 MB in total. </remarks>
public sealed class HarRecordings
{
    /// <summary>Samples per second.</summary>
    public const int SamplesPerSecond = 50;

    internal const int ChannelCount = 6;

    internal const double GravityPerStep = 1 / 720.0;

    internal const double RadianPerSecondPerStep = 0.0175 * Math.PI / 180;

    private readonly short[] _samples;
    private readonly sbyte[] _labels;

    internal HarRecordings(ImmutableArray<HarRecording> recordings, short[] samples, sbyte[] labels) =>
        (Recordings, _samples, _labels) = (recordings, samples, labels);

    /// <summary>Time, acceleration in standard gravities, angular velocity in rad/s, the recording's number, and the activity if it is one
    /// of the six.</summary>
    public static Schema Schema { get; } = new(
        [Field.Time(), .. HarStream.Channels, new Field("recording", ColumnType.Int32, Unit.One), Field.Label()]);

    /// <summary>The activities, indexed by label.</summary>
    public static ImmutableArray<string> Activities => HarStream.Activities;

    /// <summary>The 9 official test people.</summary>
    public static ImmutableArray<int> TestPeople { get; } = [2, 4, 9, 10, 12, 13, 18, 20, 24];

    /// <summary>The 21 official training people.</summary>
    public static ImmutableArray<int> TrainingPeople { get; } = [.. Enumerable.Range(1, 30).Except(TestPeople)];

    /// <summary>The recordings, in file order.</summary>
    public ImmutableArray<HarRecording> Recordings { get; }

    /// <summary>Samples in all recordings.</summary>
    public int Samples => _labels.Length;

    /// <summary>The recorded people, in order.</summary>
    public ImmutableArray<int> People => [.. Recordings.Select(r => r.Person).Distinct().Order()];

    /// <summary>Reads a folder in either layout.</summary>
    /// <param name="directory">The folder with the files, or with <c>RawData</c>.</param>
    /// <exception cref="HarFormatException">The folder or a file is absent, truncated or malformed.</exception>
    public static HarRecordings Open(string directory) => HarFolder.Read(directory);

    /// <summary>Returns a person's recordings, in order; may be empty.</summary>
    public ImmutableArray<HarRecording> Of(int person) => [.. Recordings.Where(r => r.Person == person)];

    /// <summary>Returns a sample's raw integers: acceleration x, y, z in 1/720 g, angular velocity x, y, z in 0.0175 °/s.</summary>
    /// <param name="sample">The index of the sample among all samples.</param>
    public ReadOnlySpan<short> Raw(int sample) => _samples.AsSpan(sample * ChannelCount, ChannelCount);

    internal void Write(Batch batch, int first, int number, long timeOfFirst)
    {
        var times = batch.Columns[0].Writable<long>();
        for (var row = 0; row < times.Length; row++) { times[row] = timeOfFirst + (row * (1_000_000_000L / SamplesPerSecond)); }
        for (var c = 0; c < ChannelCount; c++)
        {
            var step = c < 3 ? GravityPerStep : RadianPerSecondPerStep;
            var values = batch.Channels[c].Writable<float>();
            for (var row = 0; row < values.Length; row++) { values[row] = (float)(_samples[((first + row) * ChannelCount) + c] * step); }
        }

        batch.Columns[1 + ChannelCount].Writable<int>().Fill(number);
        var label = batch.Columns[2 + ChannelCount];
        var labels = label.Writable<int>();
        for (var row = 0; row < labels.Length; row++)
        {
            labels[row] = Math.Max(0, (int)_labels[first + row]);
            if (_labels[first + row] < 0) { label.SetValid(row, false); }
        }
    }
}

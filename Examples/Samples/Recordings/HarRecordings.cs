using System.Collections.Immutable;

namespace StreamLearn.Samples;

/// <summary>
/// The raw recordings of the UCI human activity recognition data: 30 people, a waist-worn smartphone, 50 Hz. Read once, shared by all
/// sources.
/// </summary>
/// <remarks>
/// Source: Anguita et al. (2013), A Public Domain Dataset for Human Activity Recognition Using Smartphones; Reyes-Ortiz et al. (2015) for
/// the raw signals.
/// The folder holds either <c>raw50hz.i16.gz</c>, <c>raw_experiments.csv</c> and <c>raw_labels.csv</c>, or the original download: the
/// folder <c>RawData</c>, or <c>acc_expNN_userNN.txt</c>, <c>gyro_expNN_userNN.txt</c> and <c>labels.txt</c> themselves. Both give the same
/// samples: published decimals are rounded to the sensors' steps, 1/720 g and 0.0175 °/s, of which they are multiples to within 0.002.
/// State: 13 bytes per sample, 15 MB for the whole set.
/// </remarks>
public sealed class HarRecordings
{
    /// <summary>Samples a second.</summary>
    public const int SamplesPerSecond = 50;

    internal const int ChannelCount = 6;

    internal const double GravityPerStep = 1 / 720.0;

    internal const double RadianPerSecondPerStep = 0.0175 * Math.PI / 180;

    private readonly short[] _samples;
    private readonly sbyte[] _labels;

    internal HarRecordings(ImmutableArray<HarRecording> recordings, short[] samples, sbyte[] labels) =>
        (Recordings, _samples, _labels) = (recordings, samples, labels);

    /// <summary>
    /// Time, acceleration in standard gravities, angular velocity in rad/s, the recording's number, and the activity where it is one of
    /// the six.
    /// </summary>
    public static Schema Schema { get; } = new(
        Field.Time(),
        Field.Channel("acc x", Unit.StandardGravity),
        Field.Channel("acc y", Unit.StandardGravity),
        Field.Channel("acc z", Unit.StandardGravity),
        Field.Channel("gyro x", Unit.RadianPerSecond),
        Field.Channel("gyro y", Unit.RadianPerSecond),
        Field.Channel("gyro z", Unit.RadianPerSecond),
        new Field("recording", ColumnType.Int32, Unit.One),
        Field.Label());

    /// <summary>The activities; a label is an index into them.</summary>
    public static ImmutableArray<string> Activities { get; } =
        ["walking", "walking upstairs", "walking downstairs", "sitting", "standing", "laying"];

    /// <summary>The 9 people of the official test part.</summary>
    public static ImmutableArray<int> TestPeople { get; } = [2, 4, 9, 10, 12, 13, 18, 20, 24];

    /// <summary>The 21 people of the official training part.</summary>
    public static ImmutableArray<int> TrainingPeople { get; } = [.. Enumerable.Range(1, 30).Except(TestPeople)];

    /// <summary>The recordings, in file order.</summary>
    public ImmutableArray<HarRecording> Recordings { get; }

    /// <summary>Samples of all recordings.</summary>
    public int Samples => _labels.Length;

    /// <summary>The people who have recordings, in order.</summary>
    public ImmutableArray<int> People => [.. Recordings.Select(r => r.Person).Distinct().Order()];

    /// <summary>Reads a folder, in either layout.</summary>
    /// <param name="directory">The folder with the files, or the one that <c>RawData</c> is in.</param>
    /// <exception cref="HarFormatException">The folder or a file is absent, cut off or malformed; one line that says which and what to
    /// do.</exception>
    public static HarRecordings Open(string directory) => HarFolder.Read(directory);

    /// <summary>The recordings of one person, in order; none if the person has none.</summary>
    /// <param name="person">The person's number.</param>
    public ImmutableArray<HarRecording> Of(int person) => [.. Recordings.Where(r => r.Person == person)];

    /// <summary>
    /// The six integers of a sample as recorded: acceleration x, y, z in 1/720 g, angular velocity x, y, z in 0.0175 °/s.
    /// </summary>
    /// <param name="sample">Its place among those of all recordings.</param>
    public ReadOnlySpan<short> Raw(int sample) => _samples.AsSpan(sample * ChannelCount, ChannelCount);

    /// <summary>Writes consecutive samples of one recording into a batch, in physical units.</summary>
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

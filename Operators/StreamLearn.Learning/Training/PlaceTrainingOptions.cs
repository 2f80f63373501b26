namespace StreamLearn.Learning;

/// <summary>Settings for moving training between cloud and edge.</summary>
public sealed record PlaceTrainingOptions
{
    /// <summary>Accuracy at which training moves to the edge, 0 to 1; default 0.9.</summary>
    public double Target { get; init => field = Share(value, nameof(Target)); } = 0.9;

    /// <summary>Drop below the target before training moves back, 0 to 1; default 0.05.</summary>
    public double Hysteresis { get; init => field = Share(value, nameof(Hysteresis)); } = 0.05;

    /// <summary>Rows of the accuracy's average, newest weighted most; at least 1; default 500. Also the minimum answered in a place before
    /// moving.</summary>
    public int MeanRows
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MeanRows), value, "expected at least 1 row");
    } = 500;

    /// <summary>Returns the next place of training.</summary>
    /// <param name="place">The current place.</param>
    /// <param name="accuracy">The accuracy, 0 to 1.</param>
    public TrainingPlace Next(TrainingPlace place, double accuracy) => place == TrainingPlace.Cloud
        ? accuracy >= Target ? TrainingPlace.Edge : TrainingPlace.Cloud
        : accuracy < Target - Hysteresis ? TrainingPlace.Cloud : TrainingPlace.Edge;

    private static double Share(double value, string name) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "expected 0 to 1");
}

namespace Partition;

/// <summary>What the tables are computed with.</summary>
internal sealed record TrainSettings
{
    private const string Beside = "../shared/data/har";

    /// <summary>What time counts for ARES, 0 to 1; default 0.5, as in its authors' example.</summary>
    internal double Alpha { get; init; } = 0.5;

    /// <summary>What links carry from devices; null: what each table says.</summary>
    internal RateTrace? Uplink { get; init; }

    /// <summary>What links carry to devices; null: what each table says.</summary>
    internal RateTrace? Downlink { get; init; }

    /// <summary>True if links go by a trace.</summary>
    internal bool IsTraced => Uplink is not null || Downlink is not null;

    /// <summary>Seed of FedAdapt's agents, of the fleet, and of images.</summary>
    internal long Seed { get; init; }

    /// <summary>Folder of activity recordings for the fleet; null: people are generated. Default the one beside the repository, if it is
    /// there.</summary>
    internal string? Har { get; init; } = Directory.Exists(Beside) ? Beside : null;

    /// <summary>Folder of CIFAR-10's binary files; null: no images are trained on.</summary>
    internal string? Cifar { get; init; }

    /// <summary>The settings with one of them set: <c>alpha=.25</c>, <c>uplink=FILE</c>, <c>downlink=FILE</c>, <c>har=FOLDER</c>,
    /// <c>cifar=FOLDER</c>.</summary>
    /// <exception cref="FormatException">There is no such setting, or its value is not as expected; the message says what was
    /// expected.</exception>
    internal TrainSettings With(string text)
    {
        var (name, value) = Setting.Split(text);
        return name switch
        {
            "alpha" => this with { Alpha = Setting.Alpha(value) },
            "uplink" => this with { Uplink = RateTrace.OfSetting(name, value) },
            "downlink" => this with { Downlink = RateTrace.OfSetting(name, value) },
            "har" => this with { Har = value.Length > 0 ? value : null },
            "cifar" => this with { Cifar = value.Length > 0 ? value : null },
            _ => throw new FormatException($"--set: expected alpha=, uplink=, downlink=, har= or cifar=, got '{text}'"),
        };
    }
}

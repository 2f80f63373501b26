namespace StreamLearn.Programs;

/// <summary>What learns from windows of a sensor.</summary>
public enum ModelKind
{
    /// <summary>Convolutions over the samples of a window: <see cref="Models.WindowNetwork"/>.</summary>
    Conv,

    /// <summary>A network of one hidden layer on features of a window; its first exit is linear.</summary>
    Features,

    /// <summary>The one that fits: where a program can try several, the best of them, else <see cref="Features"/>.</summary>
    Auto,

    /// <summary>Softmax regression on features of a window.</summary>
    Linear,

    /// <summary>Softmax regression on random convolutions of a window: <see cref="Operators.RocketKernels"/>.</summary>
    Rocket,

    /// <summary>Regression on the rows of a window as they are: of a forecast, on the newest values of its columns.</summary>
    Lags,
}

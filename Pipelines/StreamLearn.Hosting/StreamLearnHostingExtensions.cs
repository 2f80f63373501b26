using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace StreamLearn.Hosting;

/// <summary>Adds pipelines to the generic host.</summary>
public static class StreamLearnHostingExtensions
{
    /// <summary>Adds a pipeline that starts with the host. When the host stops, the pipeline drains, or saves its state if it keeps
    /// checkpoints.</summary>
    /// <remarks> Adds the health check <c>streamlearn:name</c> with the tag <c>streamlearn</c>; <see cref="StreamLearnRuns"/> holds the
    /// run. Log category <c>StreamLearn.Hosting</c>: 4100 started, 4101 finished, 4102 draining, 4103 drain timed out, 4104 canceled, 4105
    /// failed, 4106 and 4107 the application stops after a failure or finish, 4108 and 4109 state saved or not saved. Pipelines start in
    /// the order of addition and stop in reverse. </remarks>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The name of the pipeline in the host, and of its options.</param>
    /// <param name="define">Makes the pipeline when the host starts; an invalid definition fails the start.</param>
    /// <param name="configure">Sets its options.</param>
    /// <exception cref="ArgumentException">The name is empty or already used.</exception>
    public static IServiceCollection AddStreamLearn(
        this IServiceCollection services, string name, Func<IServiceProvider, Pipeline> define,
        Action<StreamLearnOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(define);
        if (services.Any(s => s.ImplementationInstance is PipelineRegistration other && other.Name == name))
        {
            throw new ArgumentException($"a pipeline was already added under the name '{name}'", nameof(name));
        }

        services.AddSingleton(new PipelineRegistration(name, define));
        services.TryAddSingleton(static provider => new StreamLearnRuns(provider));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<StreamLearnRuns>().Find(name));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StreamLearnOptions>, StreamLearnOptionsValidation>());
        services.AddOptions<StreamLearnOptions>(name).Configure(configure ?? (static _ => { })).ValidateOnStart();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            $"streamlearn:{name}",
            provider => new PipelineHealthCheck(provider.GetRequiredService<StreamLearnRuns>(), name),
            failureStatus: null,
            tags: ["streamlearn"]));
        return services;
    }

    /// <summary>Adds a pipeline that starts with the host. When the host stops, the pipeline drains, or saves its state if it keeps
    /// checkpoints.</summary>
    /// <inheritdoc cref="AddStreamLearn(IServiceCollection, string, Func{IServiceProvider, Pipeline}, Action{StreamLearnOptions}?)" />
    /// <param name="builder">The host's builder.</param>
    /// <param name="name">The name of the pipeline in the host, and of its options.</param>
    /// <param name="define">Makes the pipeline when the host starts; an invalid definition fails the start.</param>
    /// <param name="configure">Sets its options.</param>
    public static IHostApplicationBuilder AddStreamLearn(
        this IHostApplicationBuilder builder, string name, Func<IServiceProvider, Pipeline> define,
        Action<StreamLearnOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddStreamLearn(name, define, configure);
        return builder;
    }

    /// <summary>Adds the meter <c>StreamLearn</c> to OpenTelemetry: messages, rows, errors, drops, busy and blocked time of each block,
    /// fill of each edge.</summary>
    /// <param name="builder">The meter provider's builder.</param>
    public static MeterProviderBuilder AddStreamLearnInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter("StreamLearn");
    }

    /// <summary>Adds the source <c>StreamLearn</c> to OpenTelemetry: an activity for each run, with its failure, and within it an activity
    /// for each publication.</summary>
    /// <param name="builder">The tracer provider's builder.</param>
    public static TracerProviderBuilder AddStreamLearnInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource("StreamLearn");
    }
}

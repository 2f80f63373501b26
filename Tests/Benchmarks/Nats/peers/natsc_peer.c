// Debian's libnats. Answers line by line.
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double cpu(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_utime.tv_sec + use.ru_stime.tv_sec + (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static double wall(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static natsStatus open_to(natsConnection **client, const char *port) {
    char url[64];
    snprintf(url, sizeof url, "nats://127.0.0.1:%s", port);
    return natsConnection_ConnectTo(client, url);
}

static natsStatus receive(const char *port, long count, double *used, double *took) {
    natsConnection *client = NULL;
    natsSubscription *subscription = NULL;
    double start = cpu(), first = 0;
    natsStatus status = open_to(&client, port);
    if (status == NATS_OK) status = natsConnection_SubscribeSync(&subscription, client, "bench");
    if (status == NATS_OK) status = natsSubscription_SetPendingLimits(subscription, -1, -1);
    for (long n = 0; status == NATS_OK && n < count; n++) {
        natsMsg *message = NULL;
        status = natsSubscription_NextMsg(&message, subscription, 10000);
        if (n == 0) first = wall();
        natsMsg_Destroy(message);
    }
    *used = cpu() - start, *took = wall() - first;
    natsSubscription_Destroy(subscription);
    natsConnection_Destroy(client);
    return status;
}

static natsStatus publish(const char *port, int bytes, long count, double *used, double *took) {
    natsConnection *client = NULL;
    char *payload = calloc(1, bytes);
    natsStatus status = open_to(&client, port);
    double start = cpu(), began = wall();
    for (long n = 0; status == NATS_OK && n < count; n++) status = natsConnection_Publish(client, "bench", payload, bytes);
    if (status == NATS_OK) status = natsConnection_FlushTimeout(client, 30000);
    *used = cpu() - start, *took = wall() - began;
    natsConnection_Destroy(client);
    free(payload);
    return status;
}

static natsStatus pull(const char *port, const char *stream, const char *subject, long count, double *used, double *took) {
    natsConnection *client = NULL;
    jsCtx *js = NULL;
    natsSubscription *subscription = NULL;
    jsSubOptions options;
    double start = cpu(), first = 0;
    natsStatus status = open_to(&client, port);
    if (status == NATS_OK) status = natsConnection_JetStream(&js, client, NULL);
    jsSubOptions_Init(&options);
    options.Stream = stream;
    options.Config.MaxAckPending = -1;
    options.Config.DeliverPolicy = js_DeliverAll;
    options.Config.AckPolicy = js_AckExplicit;
    char durable[64];
    snprintf(durable, sizeof durable, "c%ld", (long)(wall() * 1e6));
    if (status == NATS_OK) status = js_PullSubscribe(&subscription, js, subject, durable, NULL, &options, NULL);
    for (long n = 0; status == NATS_OK && n < count;) {
        natsMsgList list = {0};
        status = natsSubscription_Fetch(&list, subscription, count - n < 512 ? (int)(count - n) : 512, 10000, NULL);
        if (n == 0) first = wall();
        for (int i = 0; status == NATS_OK && i < list.Count; i++, n++) status = natsMsg_Ack(list.Msgs[i], NULL);
        natsMsgList_Destroy(&list);
    }
    if (status == NATS_OK) status = natsConnection_FlushTimeout(client, 30000);
    *used = cpu() - start, *took = wall() - first;
    js_DeleteConsumer(js, stream, durable, NULL, NULL);
    natsSubscription_Destroy(subscription);
    jsCtx_Destroy(js);
    natsConnection_Destroy(client);
    return status;
}

int main(void) {
    char line[256], verb[32], first[64], second[64], third[64], fourth[64];
    while (fgets(line, sizeof line, stdin)) {
        double used = 0, took = 0;
        natsStatus status = NATS_OK;
        int words = sscanf(line, "%31s %63s %63s %63s %63s", verb, first, second, third, fourth);
        if (words >= 1 && strcmp(verb, "hello") == 0) {
            printf("{\"name\": \"libnats %s\"}\n", nats_GetVersion());
            fflush(stdout);
            continue;
        }
        if (strcmp(verb, "receive") == 0) status = receive(first, atol(second), &used, &took);
        else if (strcmp(verb, "publish") == 0) status = publish(first, atoi(second), atol(third), &used, &took);
        else if (strcmp(verb, "pull") == 0) status = pull(first, second, third, atol(fourth), &used, &took);
        else status = NATS_INVALID_ARG;
        if (status == NATS_OK) printf("{\"cpu\": %.9f, \"wall\": %.9f}\n", used, took);
        else printf("{\"error\": \"%s\"}\n", natsStatus_GetText(status));
        fflush(stdout);
    }
    return 0;
}
